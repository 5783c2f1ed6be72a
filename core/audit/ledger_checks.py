"""Checks of the ledger: cached balances equal the sum of transfers, and every transfer names its own accounts."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, String, and_, case, cast, func, literal, or_, select

from core.audit.faults import FROM_ME, MINE, Books, Check, Fault
from core.ledger import HOUSE, POINTS, Item, account_of
from core.models import Draw, Gift, Player, Prize, SecondDraw, Transfer
from core.models.players import ROOT


def _points(books: Books) -> Iterator[Fault]:
    change = case((MINE, Transfer.amount), (FROM_ME, -Transfer.amount), else_=0)
    sums = (
        select(Transfer.owner_id, cast(func.sum(change), BigInteger).label("points"))
        .where(Transfer.asset == POINTS, Transfer.owner_id != HOUSE)
        .group_by(Transfer.owner_id)
        .subquery()
    )
    summed = func.coalesce(sums.c.points, 0)
    statement = (
        select(Player.id, Player.points, summed)
        .outerjoin(sums, sums.c.owner_id == Player.id)
        .where(Player.points != summed)
    )
    for player_id, points, total in books.session.execute(statement):
        yield Fault(f"player {player_id}", f"has {points} points, the ledger says {total}")


def _owners(books: Books) -> Iterator[Fault]:
    own = literal("player:").concat(cast(Transfer.owner_id, String))
    stranger = or_(and_(MINE, Transfer.credit != own), and_(FROM_ME, Transfer.debit != own))
    orphan = and_(Transfer.owner_id != HOUSE, ~select(Player.id).where(Player.id == Transfer.owner_id).exists())
    statement = select(Transfer.owner_id, Transfer.ref).where(or_(stranger, orphan))
    for owner_id, ref in books.session.execute(statement):
        yield Fault(f"transfer {owner_id} {ref}", "moves what belongs to another player, or to none")


def _stock(books: Books) -> Iterator[Fault]:
    items: list[Item] = [*books.session.scalars(select(Prize)), *books.session.scalars(select(Gift))]
    there = {account_of(item): item for item in items}
    ledger = dict(_moved(books))
    for account in sorted(there.keys() | ledger.keys()):
        item, (left, stock) = there.get(account), ledger.get(account, (0, 0))
        cached = (item.stock_left, item.stock) if item else (0, 0)
        if cached != (left, stock):
            yield Fault(account, f"{cached[0]} of {cached[1]} left, the ledger says {left} of {stock}")


def _moved(books: Books) -> Iterator[tuple[str, tuple[int, int]]]:
    """What the ledger says of each prize's and gift's account: (pieces left, pieces that the organiser loaded)."""
    loaded = case((Transfer.owner_id == HOUSE, Transfer.amount), else_=0)
    into = select(Transfer.credit.label("account"), Transfer.amount.label("change"), loaded.label("loaded"))
    moved = into.union_all(select(Transfer.debit, -Transfer.amount, -loaded)).subquery()
    sums = [cast(func.sum(column), BigInteger) for column in (moved.c.change, moved.c.loaded)]
    stocks = or_(moved.c.account.like("campaign:%:stock:%"), moved.c.account.like("campaign:%:gifts:%"))
    statement = select(moved.c.account, *sums).where(stocks)
    for account, left, stock in books.session.execute(statement.group_by(moved.c.account)):
        yield account, (left, stock)


def _wins(books: Books) -> Iterator[Fault]:
    first = select(Draw.player_id.label("player_id")).where(Draw.prize.is_not(None))
    won = first.union_all(select(SecondDraw.winner_id).where(SecondDraw.winner_id.is_not(None))).subquery()
    roots = (
        select(ROOT.label("player_id"), func.count().label("wins"))
        .select_from(won)
        .join(Player, Player.id == won.c.player_id)
        .group_by(ROOT)
        .subquery()
    )
    wins = func.coalesce(roots.c.wins, 0)
    statement = select(Player.id, Player.wins, wins).outerjoin(roots, roots.c.player_id == Player.id)
    wrong = statement.where(Player.merged_into.is_(None), Player.wins != wins)
    for player_id, cached, counted in books.session.execute(wrong):
        yield Fault(f"player {player_id}", f"has {cached} wins, the draws say {counted}")


CHECKS = (
    Check("every player's points equal the ledger", _points),
    Check("every transfer moves what belongs to its own player", _owners),
    Check("every stock equals the ledger", _stock),
    Check("every player's wins equal the draws", _wins),
)
