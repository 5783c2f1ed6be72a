"""Checks of codes: each redeemed once by a player of its campaign, paid once, within the daily limit."""

from collections.abc import Iterator

from sqlalchemy import and_, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.campaign.rules import Rules
from core.models import Batch, CampaignVersion, Code, Draw, Player, Redemption, Transfer


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
    earning = {
        version.campaign_id: min(Rules.model_validate_json(version.rules).earned(), 1)
        for version in books.session.scalars(select(CampaignVersion).order_by(CampaignVersion.version.desc()))
    }
    always = [campaign_id for campaign_id, earned in earning.items() if earned]
    ref = books.hex(Redemption.code_hash)
    pay = and_(Transfer.owner_id == Redemption.player_id, Transfer.ref == literal("code:").concat(ref))
    won = and_(Transfer.owner_id == Redemption.player_id, Transfer.ref == literal("won:").concat(ref))
    paid = select(Transfer.ref).where(pay).exists()
    handed = select(Transfer.ref).where(won).exists()
    prize = and_(Draw.prize.is_not(None))
    statement = (
        select(Redemption.code_hash)
        .outerjoin(Draw, Draw.code_hash == Redemption.code_hash)
        .where(
            or_(
                and_(paid, handed),
                and_(prize, ~handed),
                and_(handed, or_(Draw.prize.is_(None))),
                and_(~paid, ~handed, Redemption.campaign_id.in_(always)),
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


def _daily_limit(books: Books) -> Iterator[Fault]:
    limits: dict[int, int] = {}
    for version in books.session.scalars(select(CampaignVersion)):
        limit = Rules.model_validate_json(version.rules).codes.per_player_per_day
        limits[version.campaign_id] = max(limit, limits.get(version.campaign_id, 0))
    day = (Redemption.player_id, Redemption.counted_on)
    for campaign_id, limit in limits.items():
        counted = select(*day, func.count()).where(Redemption.campaign_id == campaign_id).group_by(*day)
        for player_id, counted_on, count in books.session.execute(counted.having(func.count() > limit)):
            yield Fault(f"player {player_id}", f"redeemed {count} codes on {counted_on}; the limit is {limit}")


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
    Check("nobody redeemed more codes a day than the limit", _daily_limit),
    Check("every batch holds the codes that it was issued with", _batch_counts),
)
