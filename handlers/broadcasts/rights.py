"""What broadcasts keep about people: in whose list they were, and what became of their text."""

from sqlalchemy import ColumnElement, select

from core.models import Broadcast, BroadcastMember
from core.personal import Cell, Kept, Label, WhoseData, column


def _mine(whose: WhoseData) -> ColumnElement[bool]:
    """Found by broadcast and player: there are few broadcasts, each with many members."""
    each = BroadcastMember.broadcast_id.in_(select(Broadcast.id))
    return each & BroadcastMember.player_id.in_(whose.ids)


def _name(whose: WhoseData, row: BroadcastMember) -> Cell:
    return whose.session.scalar(select(Broadcast.name).where(Broadcast.id == row.broadcast_id))


KEPT = (
    Kept(
        table=BroadcastMember,
        title=Label("Broadcasts that you were to hear", "发给您的群发"),
        of=_mine,
        gives=(
            (Label("broadcast", "群发"), _name),
            (Label("channel", "渠道"), column("channel")),
            (Label("state", "状态"), column("state")),
            (Label("why", "原因"), column("reason")),
        ),
    ),
)
