"""Checks of transfers: each is of a known kind, moves what its kind moves, and has the row that it was made for."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, not_, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.hexed import hexed
from core.audit.numbered import begins, transfer_fault
from core.audit.published import earnings
from core.ledger import POINTS
from core.lists import among_rows
from core.models import Draw, Player, Redemption, Transfer
from core.models.ledger import HOUSE

PLAYER = literal("player:").concat(cast(Transfer.owner_id, String))
"""The account of the player whom a transfer concerns."""


def house(purpose: str) -> ColumnElement[str]:
    """An account of the organiser of the transfer's campaign."""
    return literal("campaign:").concat(cast(Transfer.campaign_id, String)).concat(f":{purpose}")


def _between(one: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
    forth = and_(Transfer.debit == one, Transfer.credit == other)
    return or_(forth, and_(Transfer.debit == other, Transfer.credit == one))


def moves(prefix: str, debit: ColumnElement[str], credit: ColumnElement[str]) -> ColumnElement[bool]:
    """A player's transfer of points of the kind ``prefix`` goes from ``debit`` to ``credit``."""
    mine = and_(Transfer.owner_id != HOUSE, Transfer.asset == POINTS, begins(prefix))
    return and_(mine, Transfer.debit == debit, Transfer.credit == credit)


def _piece(prefix: str, debit: ColumnElement[str], credit: ColumnElement[str], asset: str) -> ColumnElement[bool]:
    """A player's transfer of one piece of a prize or gift (``asset``) goes from ``debit`` to ``credit``."""
    one = and_(Transfer.owner_id != HOUSE, Transfer.amount == 1, func.substr(Transfer.asset, 1, len(asset)) == asset)
    return and_(one, begins(prefix), Transfer.debit == debit, Transfer.credit == credit)


def _stock(purpose: str, asset: str) -> ColumnElement[str]:
    """The account with the stock of what the transfer moves."""
    return house(purpose).concat(func.substr(Transfer.asset, len(asset) + 1))


def _spends() -> ColumnElement[bool]:
    """The transfer moves an account's money from its budget to what it has spent."""
    money = func.substr(Transfer.asset, 1, len("money:")) == "money:"
    whose = func.substr(Transfer.debit, 1, func.length(Transfer.debit) - len("budget"))
    ends = func.substr(Transfer.debit, func.length(Transfer.debit) - len("budget") + 1) == "budget"
    return and_(money, ends, func.substr(whose, 1, len("account:")) == "account:", Transfer.credit == whose + "spent")


_mine = Transfer.owner_id != HOUSE
_prizes, _gifts = _stock("stock:", "prize:"), _stock("gifts:", "gift:")
_points, _held, _sold, _links = house("points"), house("held"), house("gifts"), house("links")
_corrected = and_(_mine, Transfer.asset == POINTS, begins("correction:"), _between(house("corrections"), PLAYER))
_known = or_(
    and_(_mine, begins("code:")),
    and_(_mine, begins("won:")),
    _corrected,
    moves("expire:", PLAYER, house("expired")),
    moves("gift:", PLAYER, _sold),
    moves("refund:", _sold, PLAYER),
    moves("prize-points:", _points, PLAYER),
    moves("invite:", _points, PLAYER),
    moves("invited:", _points, PLAYER),
    moves("held:", _points, _held),
    moves("released:", _held, PLAYER),
    moves("revoked:", _held, _points),
    moves("clawed-back:", PLAYER, _points),
    moves("link-out:", PLAYER, _links),
    moves("link-in:", _links, PLAYER),
    _piece("given:", _gifts, PLAYER, "gift:"),
    _piece("second:", _prizes, PLAYER, "prize:"),
    _piece("returned:", PLAYER, _prizes, "prize:"),
    _piece("returned:", PLAYER, _gifts, "gift:"),
    and_(not_(_mine), begins("stock:"), _between(house("stock-room"), _prizes)),
    and_(not_(_mine), begins("gift-stock:"), _between(house("stock-room"), _gifts)),
    and_(not_(_mine), begins("cost:"), _spends()),
)
_there = select(Player.id).where(Player.id == Transfer.owner_id, Player.campaign_id == Transfer.campaign_id).exists()


def known_kinds(*more: ColumnElement[bool]) -> Check:
    """The check that every transfer is of one of the kinds here, or of ``more``."""
    of_no_kind = select(Transfer.owner_id, Transfer.ref).where(or_(not_(or_(_known, *more)), and_(_mine, ~_there)))

    def find(books: Books) -> Iterator[Fault]:
        for owner_id, ref in books.session.execute(of_no_kind):
            yield transfer_fault(owner_id, ref, "is of no known kind, or moves what its kind does not")

    return Check("every transfer is of a known kind, between its kind's accounts", find)


_its_code = literal("code:").concat(hexed(Redemption.code_hash)) == Transfer.ref
_some_version = among_rows((Transfer.campaign_id, Transfer.amount), "of_some_version")
_its_version = among_rows((Transfer.campaign_id, Draw.version, Transfer.amount), "earned")
_NOT_EARNED = (
    select(Transfer.owner_id, Transfer.ref)
    .outerjoin(Redemption, and_(Redemption.player_id == Transfer.owner_id, _its_code))
    .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
    .where(
        begins("code:"),
        or_(
            Redemption.code_hash.is_(None),
            Redemption.campaign_id != Transfer.campaign_id,
            Transfer.asset != POINTS,
            Transfer.debit != _points,
            Transfer.credit != PLAYER,
            not_(_some_version),
            and_(Draw.version.is_not(None), not_(_its_version)),
        ),
    )
)


def _awards(books: Books) -> Iterator[Fault]:
    earned = earnings(books)
    of_some_version = list({(campaign_id, points) for campaign_id, _, points in earned})
    for owner_id, ref in books.session.execute(_NOT_EARNED, {"earned": earned, "of_some_version": of_some_version}):
        yield transfer_fault(owner_id, ref, "is not what the rules give for a redemption of this player")


_its_win = literal("won:").concat(hexed(Draw.code_hash)) == Transfer.ref
_NOT_WON = (
    select(Transfer.owner_id, Transfer.ref)
    .outerjoin(Draw, and_(Draw.player_id == Transfer.owner_id, _its_win, Draw.prize.is_not(None)))
    .where(
        begins("won:"),
        or_(
            Draw.code_hash.is_(None),
            Draw.campaign_id != Transfer.campaign_id,
            Transfer.asset != literal("prize:").concat(Draw.prize),
            Transfer.amount != 1,
            Transfer.debit != house("stock:").concat(Draw.prize),
            Transfer.credit != PLAYER,
        ),
    )
)


def _handed_out(books: Books) -> Iterator[Fault]:
    for owner_id, ref in books.session.execute(_NOT_WON):
        yield transfer_fault(owner_id, ref, "is not one piece of the prize that a draw of this player won")


CHECKS = (
    Check("every award is what the rules give for its redemption", _awards),
    Check("every prize handed out is the one that its draw won", _handed_out),
)
