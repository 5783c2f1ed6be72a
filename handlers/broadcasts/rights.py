"""What broadcasts keep about people: in whose list they were, and what became of their text."""

from sqlalchemy import ColumnElement, select

from core.models import Broadcast, BroadcastMember
from core.personal import Cell, Kept, Label, WhoseData, column
from handlers.broadcasts.versions import its_test, versions_of


def _mine(whose: WhoseData) -> ColumnElement[bool]:
    """Found by broadcast and player: there are few broadcasts, each with many members."""
    each = BroadcastMember.broadcast_id.in_(select(Broadcast.id))
    return each & BroadcastMember.player_id.in_(whose.ids)


def _name(whose: WhoseData, row: BroadcastMember) -> Cell:
    return whose.session.scalar(select(Broadcast.name).where(Broadcast.id == row.broadcast_id))


def _version(whose: WhoseData, row: BroadcastMember) -> Cell:
    """How the version is called that they heard; None where there was one only."""
    broadcast = whose.session.get_one(Broadcast, row.broadcast_id)
    test = its_test(whose.session, broadcast)
    return versions_of(broadcast, test)[row.version - 1].name if test is not None and row.version else None


KEPT = (
    Kept(
        table=BroadcastMember,
        title=Label("Broadcasts that you were to hear", "发给您的群发"),
        of=_mine,
        gives=(
            (Label("broadcast", "群发"), _name),
            (Label("version", "版本"), _version),
            (Label("channel", "渠道"), column("channel")),
            (Label("state", "状态"), column("state")),
            (Label("why", "原因"), column("reason")),
        ),
    ),
)
