"""Checks of broadcasts: members add up, and each of them has the one text that its row says."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import String, and_, cast, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.kept import is_kept
from core.models import Broadcast, BroadcastMember, BroadcastTest, OutboundJob, Outbox
from core.sending.outbound import dispatch_id
from handlers.broadcasts.versions import NOTHING, arm_of, digest_of, version_in

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

_BEGUN = select(BroadcastTest).where(BroadcastTest.state != "planned").order_by(BroadcastTest.broadcast_id)
_TESTED = (
    select(Broadcast, BroadcastTest)
    .join(BroadcastTest, BroadcastTest.broadcast_id == Broadcast.id)
    .where(BroadcastTest.state != "planned")
    .order_by(Broadcast.name)
)
_AT_ONCE = 10_000


def _fault(row: Sequence[Any], wrong: str) -> Fault:
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


def _in_their_part(books: Books) -> Iterator[Fault]:
    """Each is where the seed puts them, and hears the version of that part; who is to hear nothing does not."""
    columns = (*_member, BroadcastMember.arm, BroadcastMember.version, BroadcastMember.state, BroadcastMember.sequence)
    for test in books.session.scalars(_BEGUN):
        mine = select(*columns).where(BroadcastMember.broadcast_id == test.broadcast_id).order_by(*_member)
        for row in books.session.execute(mine.execution_options(yield_per=_AT_ONCE)):
            _, player_id, arm, version, state, sequence = row
            if arm != arm_of(test, player_id):
                yield _fault(row, "is in another part of the test than its seed says")
            elif arm == NOTHING and sequence is not None:
                yield _fault(row, "was to hear nothing, and was written a text")
            elif version != version_in(test, arm) and (version or sequence is not None or state == "waiting"):
                yield _fault(row, "hears another version than its part of the test does")


def _as_confirmed(books: Books) -> Iterator[Fault]:
    for broadcast, test in books.session.execute(_TESTED):
        if digest_of(broadcast, test) != test.digest:
            yield Fault(f"broadcast {broadcast.name}", "has other texts than when it was confirmed")


CHECKS = (
    Check("every broadcast has the members that it counts", _adds_up),
    Check("every member of a broadcast has the one text that their row says", _said_once),
    Check("every member of a test is in the part that its seed says, and hears what that part does", _in_their_part),
    Check("every test of a broadcast has the texts with which it was confirmed", _as_confirmed),
)
