"""Checks of the ledger: cached balances equal the sum of transfers, and every transfer names its own accounts."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, String, and_, case, cast, false, func, literal, or_, select

from core.audit.faults import FROM_ME, MINE, Books, Check, Fault
from core.ledger import POINTS, account_of
from core.models import Player, Transfer
from core.models.ledger import HOUSE
from core.models.stock import Stocked

_change = case((MINE, Transfer.amount), (FROM_ME, -Transfer.amount), else_=0)
_sums = (
    select(Transfer.owner_id, cast(func.sum(_change), BigInteger).label("points"))
    .where(Transfer.asset == POINTS, Transfer.owner_id != HOUSE)
    .group_by(Transfer.owner_id)
    .subquery()
)
_summed = func.coalesce(_sums.c.points, 0)
_WRONG_POINTS = (
    select(Player.id, Player.points, _summed)
    .outerjoin(_sums, _sums.c.owner_id == Player.id)
    .where(Player.points != _summed)
)


def _points(books: Books) -> Iterator[Fault]:
    for player_id, points, total in books.session.execute(_WRONG_POINTS):
        yield Fault(
            f"player {player_id}", "has {points} points, the ledger says {total}", {"points": points, "total": total}
        )


_own = literal("player:").concat(cast(Transfer.owner_id, String))
_stranger = or_(and_(MINE, Transfer.credit != _own), and_(FROM_ME, Transfer.debit != _own))
_orphan = and_(Transfer.owner_id != HOUSE, ~select(Player.id).where(Player.id == Transfer.owner_id).exists())
_OF_ANOTHER = select(Transfer.owner_id, Transfer.ref).where(or_(_stranger, _orphan))


def _owners(books: Books) -> Iterator[Fault]:
    for owner_id, ref in books.session.execute(_OF_ANOTHER):
        yield Fault(f"transfer {owner_id} {ref}", "moves what belongs to another player, or to none")


_loaded = case((Transfer.owner_id == HOUSE, Transfer.amount), else_=0)
_into = select(Transfer.credit.label("account"), Transfer.amount.label("change"), _loaded.label("loaded"))
_moved = _into.union_all(select(Transfer.debit, -Transfer.amount, -_loaded)).subquery()
_MOVED = select(
    _moved.c.account, *(cast(func.sum(column), BigInteger) for column in (_moved.c.change, _moved.c.loaded))
).group_by(_moved.c.account)
"""What the ledger says of each account: pieces left, pieces that the organiser loaded."""


def stocks(*kinds: type[Stocked]) -> Check:
    """The check of the stock of what is of ``kinds``."""
    on_shelves = _MOVED.where(or_(false(), *(_moved.c.account.like(f"campaign:%:{kind.shelf}:%") for kind in kinds)))
    listed = [select(kind) for kind in kinds]

    def find(books: Books) -> Iterator[Fault]:
        there = {account_of(item): item for each in listed for item in books.session.scalars(each)}
        ledger = {account: (left, stock) for account, left, stock in books.session.execute(on_shelves)}
        for account in sorted(there.keys() | ledger.keys()):
            item, (left, stock) = there.get(account), ledger.get(account, (0, 0))
            cached = (item.stock_left, item.stock) if item else (0, 0)
            if cached != (left, stock):
                yield Fault(
                    account,
                    "{left} of {stock} left, the ledger says {ledger_left} of {ledger_stock}",
                    {"left": cached[0], "stock": cached[1], "ledger_left": left, "ledger_stock": stock},
                )

    return Check("every stock equals the ledger", find)


CHECKS = (
    Check("every player's points equal the ledger", _points),
    Check("every transfer moves what belongs to its own player", _owners),
)
