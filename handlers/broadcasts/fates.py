"""Fates: what has become of a broadcast's members, by the rows of their texts, and writing that down."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal, null, or_, select, text
from sqlalchemy.orm import Session, sessionmaker

from core import bulk, database, lists
from core.models import Address, BroadcastMember, OutboundJob
from core.models.base import table_of
from handlers.broadcasts.routes import BLOCKED, GONE, OPTED_OUT

OPEN = text("broadcast_members.state IN ('queued', 'unknown', 'failed')")
"""Members whose texts may still become something else: spelt out, for the index that holds only these."""
_WAITING = (text("broadcast_members.state = 'waiting'"), text("broadcast_members.state = 'reserved'"))
"""Members whose texts are not written yet, as the two indexes hold them."""
_CHUNK = 2000
_AT_ONCE = 200
"""So many rows are written in one transaction: on SQLite senders wait for it."""
_its_text = and_(
    OutboundJob.address_key == BroadcastMember.address_key, OutboundJob.sequence == BroadcastMember.sequence
)
_unwelcome = and_(OutboundJob.state == "dropped", OutboundJob.error == "unwelcome")
STATE: ColumnElement[str] = case(
    (BroadcastMember.state.not_in(("queued", "unknown", "failed")), BroadcastMember.state),
    (OutboundJob.state.is_(None), literal("sent")),
    (OutboundJob.state == "dropped", literal("left_out")),
    (OutboundJob.state == "dead", literal("failed")),
    (OutboundJob.state == "unknown", literal("unknown")),
    else_=literal("queued"),
)
"""What a member's state is by the row of its text: once that is gone, it was sent."""
REASON: ColumnElement[str | None] = case(
    (BroadcastMember.state.not_in(("queued", "unknown", "failed")), BroadcastMember.reason),
    (and_(_unwelcome, Address.opted_out_at.is_not(None)), literal(OPTED_OUT)),
    (and_(_unwelcome, Address.blocked_at.is_not(None)), literal(BLOCKED)),
    (and_(_unwelcome, Address.gone_at.is_not(None)), literal(GONE)),
    (_unwelcome, literal(OPTED_OUT)),
    (OutboundJob.state == "dropped", OutboundJob.error),
    (OutboundJob.state.in_(("dead", "unknown")), func.coalesce(OutboundJob.error, OutboundJob.state)),
    else_=null(),
)


def with_texts(*columns: Any) -> Select[Any]:
    """``columns`` of members with the rows of their texts, where those are still to be delivered, and addresses."""
    return (
        select(*columns)
        .select_from(BroadcastMember)
        .outerjoin(OutboundJob, _its_text)
        .outerjoin(Address, Address.key == BroadcastMember.address_key)
    )


class Looked(NamedTuple):
    """How far the members of a broadcast were looked at: up to which player, 0 for all of them."""

    after_id: int
    written: int


def write_down(sessions: sessionmaker[Session], broadcast_id: int, after_id: int, chunk: int = _CHUNK) -> Looked:
    """Write down what became of some members whose texts were open, those behind ``after_id``.

    Whoever reports of them at this moment waits: what a platform says of a text is never overwritten.
    """
    with database.read_only(sessions) as session:
        looked = session.execute(_LOOKED.limit(chunk), {"broadcast_id": broadcast_id, "after_id": after_id}).all()
    changed = [player_id for player_id, moved in looked if moved]
    for first in range(0, len(changed), _AT_ONCE):
        _write(sessions, broadcast_id, changed[first : first + _AT_ONCE])
    return Looked(looked[-1][0] if len(looked) == chunk else 0, len(changed))


_LOOKED = (
    with_texts(
        BroadcastMember.player_id,
        or_(BroadcastMember.state != STATE, REASON.is_distinct_from(BroadcastMember.reason)),
    )
    .where(BroadcastMember.broadcast_id == bindparam("broadcast_id"))
    .where(BroadcastMember.player_id > bindparam("after_id"), OPEN)
    .order_by(BroadcastMember.player_id)
)


def _write(sessions: sessionmaker[Session], broadcast_id: int, ids: list[int]) -> None:
    with sessions.begin() as session:
        named = {"broadcast_id": broadcast_id, "ids": ids}
        held = list(session.scalars(_HELD, named))
        rows = [
            {"broadcast_id": broadcast_id, "player_id": row[0], "state": row[1], "reason": row[2] and row[2][:80]}
            for row in session.execute(_NOW, {**named, "ids": held})
        ]
        bulk.change(session, table_of(BroadcastMember), rows)


_THESE = (BroadcastMember.broadcast_id == bindparam("broadcast_id")) & lists.among(BroadcastMember.player_id, "ids")
_HELD = database.locked(
    select(BroadcastMember.player_id).where(_THESE, OPEN), BroadcastMember.player_id, BroadcastMember
)
_NOW = with_texts(BroadcastMember.player_id, STATE, REASON).where(_THESE).order_by(BroadcastMember.player_id)


def leave_out(session: Session, broadcast_id: int, why: str, chunk: int = _CHUNK) -> int:
    """Leave out members that wait, for the reason ``why``; returns how many."""
    left = 0
    for waits in _WAITING:
        mine = select(BroadcastMember.player_id).where(BroadcastMember.broadcast_id == broadcast_id, waits).limit(chunk)
        rows = [
            {"broadcast_id": broadcast_id, "player_id": player_id, "state": "left_out", "reason": why}
            for player_id in session.scalars(database.taken(mine, BroadcastMember.player_id, BroadcastMember))
        ]
        bulk.change(session, table_of(BroadcastMember), rows)
        left += len(rows)
    return left


def drop_texts(session: Session, broadcast_id: int, why: str, chunk: int = _CHUNK) -> int:
    """Drop texts of a broadcast that wait to be delivered; returns how many."""
    waits = OutboundJob.state.in_(("due", "held"))
    mine = (BroadcastMember.broadcast_id == broadcast_id) & OPEN
    wanted = (
        select(OutboundJob)
        .join(BroadcastMember, _its_text)
        .where(mine, waits, OutboundJob.broadcast_id == broadcast_id)
        .limit(chunk)
    )
    found = session.scalars(database.taken(wanted, OutboundJob.address_key, OutboundJob)).all()
    for one in found:
        one.state, one.error = "dropped", why
    bulk.write_changes(session)
    return len(found)


def waits(sessions: sessionmaker[Session], broadcast_id: int) -> bool:
    """Whether any member's text is still to be written, or to be delivered."""
    mine = select(BroadcastMember.player_id).where(BroadcastMember.broadcast_id == broadcast_id)
    each = (*(mine.where(waiting) for waiting in _WAITING), mine.where(OPEN, BroadcastMember.state == "queued"))
    return any(database.finds(sessions, one) for one in each)
