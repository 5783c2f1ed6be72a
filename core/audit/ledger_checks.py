"""Checks of the ledger: cached balances equal the sum of transfers, and every transfer names its own accounts."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, String, and_, case, cast, func, literal, or_, select

from core.audit.faults import FROM_ME, MINE, Books, Check, Fault
from core.ledger import POINTS, Item, account_of
from core.models import Draw, Gift, Player, Prize, SecondDraw, Transfer
from core.models.ledger import HOUSE
from core.models.players import ROOT

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
        yield Fault(f"player {player_id}", f"has {points} points, the ledger says {total}")


_own = literal("player:").concat(cast(Transfer.owner_id, String))
_stranger = or_(and_(MINE, Transfer.credit != _own), and_(FROM_ME, Transfer.debit != _own))
_orphan = and_(Transfer.owner_id != HOUSE, ~select(Player.id).where(Player.id == Transfer.owner_id).exists())
_OF_ANOTHER = select(Transfer.owner_id, Transfer.ref).where(or_(_stranger, _orphan))


def _owners(books: Books) -> Iterator[Fault]:
    for owner_id, ref in books.session.execute(_OF_ANOTHER):
        yield Fault(f"transfer {owner_id} {ref}", "moves what belongs to another player, or to none")


_PRIZES, _GIFTS = select(Prize), select(Gift)
_loaded = case((Transfer.owner_id == HOUSE, Transfer.amount), else_=0)
_into = select(Transfer.credit.label("account"), Transfer.amount.label("change"), _loaded.label("loaded"))
_moved = _into.union_all(select(Transfer.debit, -Transfer.amount, -_loaded)).subquery()
_MOVED = (
    select(_moved.c.account, *(cast(func.sum(column), BigInteger) for column in (_moved.c.change, _moved.c.loaded)))
    .where(or_(_moved.c.account.like("campaign:%:stock:%"), _moved.c.account.like("campaign:%:gifts:%")))
    .group_by(_moved.c.account)
)
"""What the ledger says of each prize's and gift's account: pieces left, pieces that the organiser loaded."""


def _stock(books: Books) -> Iterator[Fault]:
    items: list[Item] = [*books.session.scalars(_PRIZES), *books.session.scalars(_GIFTS)]
    there = {account_of(item): item for item in items}
    ledger = {account: (left, stock) for account, left, stock in books.session.execute(_MOVED)}
    for account in sorted(there.keys() | ledger.keys()):
        item, (left, stock) = there.get(account), ledger.get(account, (0, 0))
        cached = (item.stock_left, item.stock) if item else (0, 0)
        if cached != (left, stock):
            yield Fault(account, f"{cached[0]} of {cached[1]} left, the ledger says {left} of {stock}")


_first = select(Draw.player_id.label("player_id")).where(Draw.prize.is_not(None))
_won = _first.union_all(select(SecondDraw.winner_id).where(SecondDraw.winner_id.is_not(None))).subquery()
_roots = (
    select(ROOT.label("player_id"), func.count().label("wins"))
    .select_from(_won)
    .join(Player, Player.id == _won.c.player_id)
    .group_by(ROOT)
    .subquery()
)
_wins_drawn = func.coalesce(_roots.c.wins, 0)
_WRONG_WINS = (
    select(Player.id, Player.wins, _wins_drawn)
    .outerjoin(_roots, _roots.c.player_id == Player.id)
    .where(Player.merged_into.is_(None), Player.wins != _wins_drawn)
)


def _wins(books: Books) -> Iterator[Fault]:
    for player_id, cached, counted in books.session.execute(_WRONG_WINS):
        yield Fault(f"player {player_id}", f"has {cached} wins, the draws say {counted}")


CHECKS = (
    Check("every player's points equal the ledger", _points),
    Check("every transfer moves what belongs to its own player", _owners),
    Check("every stock equals the ledger", _stock),
    Check("every player's wins equal the draws", _wins),
)
