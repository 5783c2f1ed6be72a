"""Checks of codes: each of its batch, and redeemed by a player of its campaign."""

from collections.abc import Iterator

from sqlalchemy import and_, bindparam, exists, func, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.numbered import begins
from core.audit.transfer_checks import CONCERNS_A_PLAYER
from core.models import Batch, Player
from core.models.players import ROOT
from handlers.codes.rules import CodeRules
from handlers.codes.tables import Code, Redemption

_ASTRAY = (
    select(Redemption.code_hash)
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


def _belonging(books: Books) -> Iterator[Fault]:
    for code_hash in books.session.scalars(_ASTRAY):
        yield Fault(f"redemption {code_hash.hex()}", "its code, batch, campaign and player do not belong together")


_counted = select(Code.batch_id, func.count().label("codes")).group_by(Code.batch_id).subquery()
_codes = func.coalesce(_counted.c.codes, 0)
_IS_BEING_ISSUED = and_(Batch.state == "inert", Batch.file_sha256 == "")
_WRONG_COUNT = (
    select(Batch.id, Batch.codes_count, _codes)
    .outerjoin(_counted, _counted.c.batch_id == Batch.id)
    .where(or_(Batch.codes_count < _codes, and_(Batch.codes_count != _codes, ~_IS_BEING_ISSUED)))
)
_NO_BATCH = select(_counted.c.batch_id).where(~exists().where(Batch.id == _counted.c.batch_id))


def _batch_counts(books: Books) -> Iterator[Fault]:
    for batch_id, cached, count in books.session.execute(_WRONG_COUNT):
        yield Fault(
            f"batch {batch_id}", "should hold {cached} codes and holds {count}", {"cached": cached, "count": count}
        )
    for batch_id in books.session.scalars(_NO_BATCH):
        yield Fault(f"batch {batch_id}", "has codes but no row of its own")


_day = (Redemption.campaign_id, Redemption.player_id, Redemption.counted_on)
_BUSY_DAYS = select(*_day, func.count()).group_by(*_day).having(func.count() > bindparam("least"))
"""On which more codes were redeemed than the least of all limits."""


def _daily_limit(books: Books) -> Iterator[Fault]:
    limits = {
        campaign_id: max(rules.section(CodeRules).per_player_per_day for rules in versions.values())
        for campaign_id, versions in books.rules.items()
    }
    least = {"least": min(limits.values(), default=0)}
    for campaign_id, player_id, counted_on, count in books.session.execute(_BUSY_DAYS, least):
        if count > (limit := limits.get(campaign_id, count)):
            yield Fault(
                f"player {player_id}",
                "redeemed {count} codes on {counted_on}; the limit is {limit}",
                {"count": count, "counted_on": counted_on, "limit": limit},
            )


_days = (
    select(ROOT.label("player_id"), Redemption.counted_on, func.count().label("count"))
    .select_from(Redemption)
    .join(Player, Player.id == Redemption.player_id)
    .group_by(ROOT, Redemption.counted_on)
    .subquery()
)
_last = select(_days.c.player_id, func.max(_days.c.counted_on).label("day")).group_by(_days.c.player_id).subquery()
_on_last = and_(_days.c.player_id == Player.id, _days.c.counted_on == _last.c.day)
_MISCOUNTED = (
    select(Player.id)
    .outerjoin(_last, _last.c.player_id == Player.id)
    .outerjoin(_days, _on_last)
    .where(
        Player.merged_into.is_(None),
        or_(
            Player.redeemed_on.is_distinct_from(_last.c.day),
            Player.redeemed_today != func.coalesce(_days.c.count, 0),
        ),
    )
)


def _last_day(books: Books) -> Iterator[Fault]:
    for player_id in books.session.scalars(_MISCOUNTED):
        yield Fault(f"player {player_id}", "did not redeem last on the day, or as often, as is counted")


CHECKS = (
    Check("every redemption belongs to its code's batch and campaign", _belonging),
    Check("every batch holds the codes that it was issued with", _batch_counts),
    Check("nobody redeemed more codes a day than the limit", _daily_limit),
    Check("every player's last day, and what was redeemed on it, is what redemptions say", _last_day),
)
TRANSFERS = (and_(CONCERNS_A_PLAYER, begins("code:")),)
