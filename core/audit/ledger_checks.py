"""Checks of the ledger: cached balances equal the sum of transfers, and every transfer names its own accounts."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, String, and_, case, cast, func, literal, or_, select

from core.audit.faults import FROM_ME, MINE, Books, Check, Fault
from core.ledger import HOUSE, POINTS, stock_account
from core.models import Draw, Player, Prize, Transfer


def _points(books: Books) -> Iterator[Fault]:
    change = case((MINE, Transfer.amount), else_=-Transfer.amount)
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
    prizes = {stock_account(prize.campaign_id, prize.name): prize for prize in books.session.scalars(select(Prize))}
    ledger = dict(_moved(books))
    for account in sorted(prizes.keys() | ledger.keys()):
        prize, (left, stock) = prizes.get(account), ledger.get(account, (0, 0))
        cached = (prize.stock_left, prize.stock) if prize else (0, 0)
        if cached != (left, stock):
            yield Fault(account, f"{cached[0]} of {cached[1]} left, the ledger says {left} of {stock}")


def _moved(books: Books) -> Iterator[tuple[str, tuple[int, int]]]:
    """What the ledger says of each prize's account: (pieces left, pieces that the organiser loaded)."""
    loaded = case((Transfer.owner_id == HOUSE, Transfer.amount), else_=0)
    into = select(Transfer.credit.label("account"), Transfer.amount.label("change"), loaded.label("loaded"))
    moved = into.union_all(select(Transfer.debit, -Transfer.amount, -loaded)).subquery()
    sums = [cast(func.sum(column), BigInteger) for column in (moved.c.change, moved.c.loaded)]
    statement = select(moved.c.account, *sums).where(moved.c.account.like("campaign:%:stock:%"))
    for account, left, stock in books.session.execute(statement.group_by(moved.c.account)):
        yield account, (left, stock)


def _wins(books: Books) -> Iterator[Fault]:
    won = select(Draw.player_id, func.count().label("wins")).where(Draw.prize.is_not(None)).group_by(Draw.player_id)
    sums = won.subquery()
    wins = func.coalesce(sums.c.wins, 0)
    statement = select(Player.id, Player.wins, wins).outerjoin(sums, sums.c.player_id == Player.id)
    for player_id, cached, counted in books.session.execute(statement.where(Player.wins != wins)):
        yield Fault(f"player {player_id}", f"has {cached} wins, the draws say {counted}")


CHECKS = (
    Check("every player's points equal the ledger", _points),
    Check("every transfer moves what belongs to its own player", _owners),
    Check("every prize's stock equals the ledger", _stock),
    Check("every player's wins equal the draws", _wins),
)
