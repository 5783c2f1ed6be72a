"""Checks of transfers: each is of a known kind, moves what its kind moves, and has the row that it was made for."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, not_, or_, select, tuple_

from core.audit.faults import Books, Check, Fault
from core.audit.published import earnings
from core.ledger import HOUSE, POINTS
from core.models import Draw, Player, Redemption, Transfer

_PLAYER = literal("player:").concat(cast(Transfer.owner_id, String))
_PRIZE = literal("prize:")


def _kind(prefix: str) -> ColumnElement[bool]:
    # Not LIKE, which ignores case on SQLite.
    return func.substr(Transfer.ref, 1, len(prefix)) == prefix


def _house(purpose: str) -> ColumnElement[str]:
    return literal("campaign:").concat(cast(Transfer.campaign_id, String)).concat(f":{purpose}")


def _between(one: ColumnElement[str], other: ColumnElement[str]) -> ColumnElement[bool]:
    forth = and_(Transfer.debit == one, Transfer.credit == other)
    return or_(forth, and_(Transfer.debit == other, Transfer.credit == one))


def _faults(books: Books, statement: Select[int, str], wrong: str) -> Iterator[Fault]:
    for owner_id, ref in books.session.execute(statement):
        yield Fault(f"transfer {owner_id} {ref}", wrong)


def _moves(prefix: str, debit: ColumnElement[str], credit: ColumnElement[str]) -> ColumnElement[bool]:
    """A player's transfer of points of the kind ``prefix`` goes from ``debit`` to ``credit``."""
    mine = and_(Transfer.owner_id != HOUSE, Transfer.asset == POINTS, _kind(prefix))
    return and_(mine, Transfer.debit == debit, Transfer.credit == credit)


def _piece(prefix: str, debit: ColumnElement[str], credit: ColumnElement[str], asset: str) -> ColumnElement[bool]:
    """A player's transfer of one piece of a prize or gift (``asset``) goes from ``debit`` to ``credit``."""
    one = and_(Transfer.owner_id != HOUSE, Transfer.amount == 1, func.substr(Transfer.asset, 1, len(asset)) == asset)
    return and_(one, _kind(prefix), Transfer.debit == debit, Transfer.credit == credit)


def _stock(purpose: str, asset: str) -> ColumnElement[str]:
    """The account with the stock of what the transfer moves."""
    return _house(purpose).concat(func.substr(Transfer.asset, len(asset) + 1))


def _spends() -> ColumnElement[bool]:
    """The transfer moves an account's money from its budget to what it has spent."""
    money = func.substr(Transfer.asset, 1, len("money:")) == "money:"
    whose = func.substr(Transfer.debit, 1, func.length(Transfer.debit) - len("budget"))
    ends = func.substr(Transfer.debit, func.length(Transfer.debit) - len("budget") + 1) == "budget"
    return and_(money, ends, func.substr(whose, 1, len("account:")) == "account:", Transfer.credit == whose + "spent")


def _kinds(books: Books) -> Iterator[Fault]:
    mine = Transfer.owner_id != HOUSE
    prizes, gifts = _stock("stock:", "prize:"), _stock("gifts:", "gift:")
    points, held, sold, links = _house("points"), _house("held"), _house("gifts"), _house("links")
    corrected = and_(mine, Transfer.asset == POINTS, _kind("correction:"), _between(_house("corrections"), _PLAYER))
    known = or_(
        and_(mine, _kind("code:")),
        and_(mine, _kind("won:")),
        corrected,
        _moves("expire:", _PLAYER, _house("expired")),
        _moves("gift:", _PLAYER, sold),
        _moves("refund:", sold, _PLAYER),
        _moves("prize-points:", points, _PLAYER),
        _moves("invite:", points, _PLAYER),
        _moves("invited:", points, _PLAYER),
        _moves("held:", points, held),
        _moves("released:", held, _PLAYER),
        _moves("revoked:", held, points),
        _moves("clawed-back:", _PLAYER, points),
        _moves("link-out:", _PLAYER, links),
        _moves("link-in:", links, _PLAYER),
        _piece("given:", gifts, _PLAYER, "gift:"),
        _piece("second:", prizes, _PLAYER, "prize:"),
        _piece("returned:", _PLAYER, prizes, "prize:"),
        _piece("returned:", _PLAYER, gifts, "gift:"),
        and_(not_(mine), _kind("stock:"), _between(_house("stock-room"), prizes)),
        and_(not_(mine), _kind("gift-stock:"), _between(_house("stock-room"), gifts)),
        and_(not_(mine), _kind("cost:"), _spends()),
    )
    there = select(Player.id).where(Player.id == Transfer.owner_id, Player.campaign_id == Transfer.campaign_id)
    elsewhere = and_(mine, ~there.exists())
    statement = select(Transfer.owner_id, Transfer.ref).where(or_(not_(known), elsewhere))
    yield from _faults(books, statement, "is of no known kind, or moves what its kind does not")


def _awards(books: Books) -> Iterator[Fault]:
    earned = earnings(books)
    ref = literal("code:").concat(books.hex(Redemption.code_hash))
    some_version = tuple_(Transfer.campaign_id, Transfer.amount).in_([(one, points) for one, _, points in earned])
    its_version = tuple_(Transfer.campaign_id, Draw.version, Transfer.amount).in_(earned)
    statement = (
        select(Transfer.owner_id, Transfer.ref)
        .outerjoin(Redemption, and_(Redemption.player_id == Transfer.owner_id, ref == Transfer.ref))
        .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
        .where(
            _kind("code:"),
            or_(
                Redemption.code_hash.is_(None),
                Redemption.campaign_id != Transfer.campaign_id,
                Transfer.asset != POINTS,
                Transfer.debit != _house("points"),
                Transfer.credit != _PLAYER,
                not_(some_version),
                and_(Draw.version.is_not(None), not_(its_version)),
            ),
        )
    )
    yield from _faults(books, statement, "is not what the rules give for a redemption of this player")


def _handed_out(books: Books) -> Iterator[Fault]:
    ref = literal("won:").concat(books.hex(Draw.code_hash))
    its_draw = and_(Draw.player_id == Transfer.owner_id, ref == Transfer.ref, Draw.prize.is_not(None))
    statement = (
        select(Transfer.owner_id, Transfer.ref)
        .outerjoin(Draw, its_draw)
        .where(
            _kind("won:"),
            or_(
                Draw.code_hash.is_(None),
                Draw.campaign_id != Transfer.campaign_id,
                Transfer.asset != _PRIZE.concat(Draw.prize),
                Transfer.amount != 1,
                Transfer.debit != _house("stock:").concat(Draw.prize),
                Transfer.credit != _PLAYER,
            ),
        )
    )
    yield from _faults(books, statement, "is not one piece of the prize that a draw of this player won")


CHECKS = (
    Check("every transfer is of a known kind, between its kind's accounts", _kinds),
    Check("every award is what the rules give for its redemption", _awards),
    Check("every prize handed out is the one that its draw won", _handed_out),
)
