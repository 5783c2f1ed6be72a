"""Checks of codes: each redeemed once by a player of its campaign, and paid once."""

from collections.abc import Iterator

from sqlalchemy import and_, func, literal, not_, or_, select, tuple_

from core.audit.faults import Books, Check, Fault
from core.audit.published import earnings
from core.models import Batch, Code, Draw, Player, Redemption, Transfer


def _belonging(books: Books) -> Iterator[Fault]:
    statement = (
        select(Redemption.code_hash, Batch.state)
        .outerjoin(Code, Code.hash == Redemption.code_hash)
        .outerjoin(Batch, Batch.id == Code.batch_id)
        .outerjoin(Player, Player.id == Redemption.player_id)
        .where(
            or_(
                Batch.id.is_(None),
                Player.id.is_(None),
                Batch.activated_at.is_(None),
                Batch.campaign_id != Redemption.campaign_id,
                Player.campaign_id != Redemption.campaign_id,
            )
        )
    )
    for code_hash, _ in books.session.execute(statement):
        yield Fault(f"redemption {code_hash.hex()}", "its code, batch, campaign and player do not belong together")


def _paid_once(books: Books) -> Iterator[Fault]:
    worthless = [(campaign_id, version) for campaign_id, version, points in earnings(books) if not points]
    ref = books.hex(Redemption.code_hash)
    pay = and_(Transfer.owner_id == Redemption.player_id, Transfer.ref == literal("code:").concat(ref))
    won = and_(Transfer.owner_id == Redemption.player_id, Transfer.ref == literal("won:").concat(ref))
    paid = select(Transfer.ref).where(pay).exists()
    handed = select(Transfer.ref).where(won).exists()
    # A draw says by which version its code was worth nothing; without one any version may have said so.
    may_be_unpaid = or_(
        and_(Draw.version.is_not(None), tuple_(Redemption.campaign_id, Draw.version).in_(worthless)),
        and_(Draw.version.is_(None), Redemption.campaign_id.in_([campaign_id for campaign_id, _ in worthless])),
    )
    statement = (
        select(Redemption.code_hash)
        .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
        .where(
            or_(
                and_(paid, handed),
                and_(Draw.prize.is_not(None), ~handed),
                and_(Draw.prize.is_(None), handed),
                and_(~paid, ~handed, not_(may_be_unpaid)),
            )
        )
    )
    for (code_hash,) in books.session.execute(statement):
        yield Fault(f"redemption {code_hash.hex()}", "is not paid by exactly one of prize and points")


def _draw_belongs(books: Books) -> Iterator[Fault]:
    statement = (
        select(Draw.code_hash)
        .outerjoin(Redemption, Redemption.code_hash == Draw.code_hash)
        .where(
            or_(
                Redemption.code_hash.is_(None),
                Redemption.player_id != Draw.player_id,
                Redemption.campaign_id != Draw.campaign_id,
            )
        )
    )
    for (code_hash,) in books.session.execute(statement):
        yield Fault(f"draw {code_hash.hex()}", "is not the draw of its redemption")


def _batch_counts(books: Books) -> Iterator[Fault]:
    counted = select(Code.batch_id, func.count().label("codes")).group_by(Code.batch_id).subquery()
    codes = func.coalesce(counted.c.codes, 0)
    statement = select(Batch.id, Batch.codes_count, codes).outerjoin(counted, counted.c.batch_id == Batch.id)
    for batch_id, cached, count in books.session.execute(statement.where(Batch.codes_count != codes)):
        yield Fault(f"batch {batch_id}", f"should hold {cached} codes and holds {count}")
    lost = select(counted.c.batch_id).where(~select(Batch.id).where(Batch.id == counted.c.batch_id).exists())
    for (batch_id,) in books.session.execute(lost):
        yield Fault(f"batch {batch_id}", "has codes but no row of its own")


CHECKS = (
    Check("every redemption belongs to its code's batch and campaign", _belonging),
    Check("every redemption is paid by exactly one of prize and points", _paid_once),
    Check("every draw is the draw of its redemption", _draw_belongs),
    Check("every batch holds the codes that it was issued with", _batch_counts),
)
