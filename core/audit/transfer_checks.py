"""The check of transfers: each is of a known kind, and moves what its kind moves."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, not_, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import begins, transfer_fault
from core.ledger import POINTS
from core.models import Player, Transfer
from core.models.ledger import HOUSE
from core.models.stock import Stocked

CONCERNS_A_PLAYER = Transfer.owner_id != HOUSE
PLAYER = literal("player:").concat(cast(Transfer.owner_id, String))
"""The account of the player whom a transfer concerns."""


def house(purpose: str) -> ColumnElement[str]:
    """An account of the organiser of the transfer's campaign."""
    return literal("campaign:").concat(cast(Transfer.campaign_id, String)).concat(f":{purpose}")


def between(one: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
    """The transfer goes from one of two accounts to the other."""
    forth = and_(Transfer.debit == one, Transfer.credit == other)
    return or_(forth, and_(Transfer.debit == other, Transfer.credit == one))


def moves(prefix: str, debit: ColumnElement[str], credit: ColumnElement[str]) -> ColumnElement[bool]:
    """A player's transfer of points of the kind ``prefix`` goes from ``debit`` to ``credit``."""
    mine = and_(CONCERNS_A_PLAYER, Transfer.asset == POINTS, begins(prefix))
    return and_(mine, Transfer.debit == debit, Transfer.credit == credit)


def _one_piece(prefix: str, kind: type[Stocked]) -> ColumnElement[bool]:
    asset = f"{kind.asset}:"
    one = and_(CONCERNS_A_PLAYER, Transfer.amount == 1, func.substr(Transfer.asset, 1, len(asset)) == asset)
    return and_(one, begins(prefix))


def hands_out(prefix: str, kind: type[Stocked]) -> ColumnElement[bool]:
    """The transfer hands one piece of what is of ``kind`` to its player."""
    return and_(_one_piece(prefix, kind), Transfer.debit == stock_of(kind), Transfer.credit == PLAYER)


def takes_back(prefix: str, kind: type[Stocked]) -> ColumnElement[bool]:
    """The transfer brings one piece of what is of ``kind`` back from its player."""
    return and_(_one_piece(prefix, kind), Transfer.debit == PLAYER, Transfer.credit == stock_of(kind))


def stock_of(kind: type[Stocked]) -> ColumnElement[str]:
    """The account with the stock of what the transfer moves, which is of ``kind``."""
    return house(f"{kind.shelf}:").concat(func.substr(Transfer.asset, len(kind.asset) + 2))


def loads(kind: type[Stocked]) -> ColumnElement[bool]:
    """The transfer loads what is of ``kind``, or takes it away again."""
    return and_(not_(CONCERNS_A_PLAYER), begins(f"{kind.loading}:"), between(house("stock-room"), stock_of(kind)))


def _spends() -> ColumnElement[bool]:
    """The transfer moves an account's money from its budget to what it has spent."""
    money = func.substr(Transfer.asset, 1, len("money:")) == "money:"
    whose = func.substr(Transfer.debit, 1, func.length(Transfer.debit) - len("budget"))
    ends = func.substr(Transfer.debit, func.length(Transfer.debit) - len("budget") + 1) == "budget"
    return and_(money, ends, func.substr(whose, 1, len("account:")) == "account:", Transfer.credit == whose + "spent")


_corrected = and_(
    CONCERNS_A_PLAYER, Transfer.asset == POINTS, begins("correction:"), between(house("corrections"), PLAYER)
)
_known = or_(
    _corrected,
    moves("expire:", PLAYER, house("expired")),
    and_(not_(CONCERNS_A_PLAYER), begins("cost:"), _spends()),
)
_there = select(Player.id).where(Player.id == Transfer.owner_id, Player.campaign_id == Transfer.campaign_id).exists()


def known_kinds(*more: ColumnElement[bool]) -> Check:
    """The check that every transfer is of one of the kinds here, or of ``more``."""
    of_no_kind = select(Transfer.owner_id, Transfer.ref).where(
        or_(not_(or_(_known, *more)), and_(CONCERNS_A_PLAYER, ~_there))
    )

    def find(books: Books) -> Iterator[Fault]:
        for owner_id, ref in books.session.execute(of_no_kind):
            yield transfer_fault(owner_id, ref, "is of no known kind, or moves what its kind does not")

    return Check("every transfer is of a known kind, between its kind's accounts", find)
