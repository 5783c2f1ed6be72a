"""What broadcasts come to: texts of theirs that went."""

from sqlalchemy import select

from core.measures.measure import Counting, Measure, Period
from core.models import Broadcast, BroadcastMember, Touch


def _went(period: Period) -> Counting:
    """By when they were taken to be sent; what a platform certainly did not take is not among them."""
    rows = (
        select(BroadcastMember.channel)
        .select_from(Touch)
        .join(
            BroadcastMember,
            (BroadcastMember.address_key == Touch.address_key)
            & (BroadcastMember.sequence == Touch.sequence)
            & BroadcastMember.sequence.is_not(None),
        )
        .join(Broadcast, Broadcast.id == BroadcastMember.broadcast_id)
        .where(Broadcast.campaign_id == period.campaign_id, period.has(Touch.at))
    )
    return Counting(rows.group_by(BroadcastMember.channel))


MEASURES = (
    Measure(
        name="broadcast texts",
        chinese="群发条数",
        says="Texts of broadcasts that went, by when they did; what a platform did not take is not counted.",
        counts=_went,
        kept=False,
    ),
)
