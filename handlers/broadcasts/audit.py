"""Checks of broadcasts: members add up, and each of them has the one text that its row says."""

from collections.abc import Iterator

from sqlalchemy import Row, String, and_, cast, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.kept import is_kept
from core.models import Broadcast, BroadcastMember, OutboundJob, Outbox
from core.sending.outbound import dispatch_id

_COUNTED = (
    select(Broadcast.name, Broadcast.members, func.count(BroadcastMember.player_id))
    .outerjoin(BroadcastMember, BroadcastMember.broadcast_id == Broadcast.id)
    .group_by(Broadcast.id, Broadcast.name, Broadcast.members)
    .having(Broadcast.members != func.count(BroadcastMember.player_id))
    .order_by(Broadcast.name)
)
_REF = (
    literal("notice:broadcast:")
    .concat(cast(BroadcastMember.broadcast_id, String))
    .concat(":")
    .concat(cast(BroadcastMember.player_id, String))
)
_its_text = and_(Outbox.address_key == BroadcastMember.address_key, Outbox.ref == _REF)
_member = (BroadcastMember.broadcast_id, BroadcastMember.player_id)
_WITHOUT_TEXT = (
    select(*_member)
    .join(Broadcast, Broadcast.id == BroadcastMember.broadcast_id)
    .outerjoin(Outbox, _its_text)
    .where(BroadcastMember.sequence.is_not(None), is_kept(Broadcast.starts_at, Outbox))
    .where(or_(Outbox.sequence.is_(None), Outbox.sequence != BroadcastMember.sequence))
    .order_by(*_member)
)
_WITH_TEXT = select(*_member).join(Outbox, _its_text).where(BroadcastMember.sequence.is_(None)).order_by(*_member)
_its_job = and_(
    OutboundJob.address_key == BroadcastMember.address_key, OutboundJob.sequence == BroadcastMember.sequence
)
_TO_BE_SENT = (
    select(*_member)
    .join(OutboundJob, _its_job)
    .where(BroadcastMember.state.in_(("sent", "delivered")))
    .order_by(*_member)
)
_OF_NONE = (
    select(OutboundJob.address_key, OutboundJob.sequence, OutboundJob.broadcast_id)
    .outerjoin(BroadcastMember, and_(_its_job, BroadcastMember.broadcast_id == OutboundJob.broadcast_id))
    .where(OutboundJob.broadcast_id.is_not(None), BroadcastMember.player_id.is_(None))
    .order_by(OutboundJob.address_key, OutboundJob.sequence)
)


def _fault(row: Row[int, int], wrong: str) -> Fault:
    return Fault(f"broadcast {row[0]}, player {row[1]}", wrong)


def _adds_up(books: Books) -> Iterator[Fault]:
    for name, said, found in books.session.execute(_COUNTED):
        yield Fault(f"broadcast {name}", "counts {said} members, {found} are there", {"said": said, "found": found})


def _said_once(books: Books) -> Iterator[Fault]:
    for row in books.session.execute(_WITHOUT_TEXT):
        yield _fault(row, "was written a text that is not in the outbox")
    for row in books.session.execute(_WITH_TEXT):
        yield _fault(row, "has a text in the outbox, and would be written another")
    for row in books.session.execute(_TO_BE_SENT):
        yield _fault(row, "counts as sent, and its text is still to be delivered")
    for key, sequence, broadcast_id in books.session.execute(_OF_NONE):
        values = {"broadcast": broadcast_id}
        yield Fault(
            f"text {dispatch_id(key, sequence)}", "is of broadcast {broadcast}, and of none of its members", values
        )


CHECKS = (
    Check("every broadcast has the members that it counts", _adds_up),
    Check("every member of a broadcast has the one text that their row says", _said_once),
)
