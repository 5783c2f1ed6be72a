"""What every campaign comes to: who plays it."""

from sqlalchemy import func, select

from core.measures.measure import Counting, Measure, Period, happened
from core.models import Address, Inbox, Join, Player


def _failed(period: Period) -> Counting:
    mine = (Join.campaign_id == period.campaign_id, Join.joined_at <= Inbox.received_at)
    found = select(Address.channel, func.count(), func.count()).select_from(Inbox)
    joined = found.join(Address, Address.key == Inbox.address_key).join(Join, Join.address_key == Inbox.address_key)
    failed = joined.where(Inbox.state == "failed", period.has(Inbox.received_at), *mine)
    return failed.group_by(Address.channel)


MEASURES = (
    Measure(
        name="players joined",
        chinese="新玩家",
        says="People who joined, each once, whether or not they were linked to another one since.",
        counts=happened(Player.id, Player.joined_at),
    ),
    Measure(
        name="messages failed",
        chinese="失败消息",
        says="Messages of players that could not be dealt with and wait to be replayed.",
        counts=_failed,
        kept=False,
    ),
)
