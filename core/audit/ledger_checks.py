"""Checks of the ledger: cached balances equal the sum of transfers, and every transfer names its own accounts."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, ColumnElement, String, and_, case, cast, func, literal, or_, select

from core.audit.faults import FROM_ME, MINE, Books, Check, Fault
from core.ledger import HOUSE, POINTS
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
    account = literal("campaign:").concat(cast(Prize.campaign_id, String)).concat(":stock:").concat(Prize.name)
    into = _moved(Transfer.credit == account)
    out_of = _moved(Transfer.debit == account)
    loaded = _moved(and_(Transfer.credit == account, Transfer.owner_id == HOUSE))
    unloaded = _moved(and_(Transfer.debit == account, Transfer.owner_id == HOUSE))
    statement = select(Prize.campaign_id, Prize.name, Prize.stock, Prize.stock_left, into - out_of, loaded - unloaded)
    for campaign_id, name, stock, left, ledger_left, ledger_stock in books.session.execute(statement):
        if (stock, left) != (ledger_stock, ledger_left):
            wrong = f"{left} of {stock} left, the ledger says {ledger_left} of {ledger_stock}"
            yield Fault(f"prize {name} of campaign {campaign_id}", wrong)


def _moved(condition: ColumnElement[bool]) -> ColumnElement[int]:
    total = func.coalesce(func.sum(Transfer.amount), 0)
    return cast(select(total).where(condition).correlate(Prize).scalar_subquery(), BigInteger)


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
