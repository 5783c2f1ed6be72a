"""Leases: texts whose sender was killed, and those that a clock that was set back would keep waiting, go on.

How long a text has been on its way is measured by whoever watches it, with a clock that nobody sets: no jump of the
time of day, here or on another machine, takes a text away from a sender that is alive.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from core import bulk
from core.database import read_only
from core.models import OutboundJob
from core.sending.backoff import RetryPolicy
from core.sending.jobs import CUT, DUE, SENDING, lock_dispatches
from core.sending.outbound import Category, Unknown, dispatch_id
from core.sending.policy import WAITS

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""A text that is on its way for so long has lost its sender. An adapter must be done much earlier."""
_AT_ONCE = 1000

Try = tuple[bytes, int, datetime | None]
"""One try of one text: address, sequence, when it was taken."""


class LeaseWatch:
    """What one process has seen on its way, and since when."""

    def __init__(self, lease: timedelta = LEASE) -> None:
        self._lease_s = lease.total_seconds()
        self._since: dict[Try, float] = {}

    def overdue(self, tries: Collection[Try], now_s: float) -> list[Try]:
        """Those of ``tries``, all that are on their way at ``now_s``, that were seen so for a whole lease."""
        self._since = {one: self._since.get(one, now_s) for one in tries}
        return sorted(one for one, since in self._since.items() if now_s - since >= self._lease_s)


def recover(
    sessions: sessionmaker[Session], retries: RetryPolicy, watch: LeaseWatch, at: datetime, now_s: float
) -> int:
    """Let lost texts of an account go on; returns how many. ``now_s`` is of a clock that only runs."""
    outlet, latest = retries.outlet, at + retries.backoff.longest
    mine = (OutboundJob.channel == outlet.channel) & (OutboundJob.account == outlet.account)
    on_their_way = select(OutboundJob.address_key, OutboundJob.sequence, OutboundJob.taken_at).where(
        mine, OutboundJob.state == SENDING
    )
    held_back = select(OutboundJob.address_key, OutboundJob.sequence).where(
        mine,
        OutboundJob.state == DUE,
        OutboundJob.category.in_(list(Category)),
        OutboundJob.due_at > latest,
        OutboundJob.error.is_not(None),
        OutboundJob.error.not_in(WAITS),
        or_(OutboundJob.error != CUT, OutboundJob.category < int(Category.REMINDER)),  # that waits for the morning
    )
    with read_only(sessions) as session:
        overdue = watch.overdue([(row[0], row[1], row[2]) for row in session.execute(on_their_way)], now_s)
        waiting = [(row[0], row[1]) for row in session.execute(held_back.limit(_AT_ONCE))]
    if not overdue and not waiting:
        return 0
    taken = {(address_key, sequence): taken_at for address_key, sequence, taken_at in overdue}
    found = 0
    with sessions.begin() as session:
        for dispatch in lock_dispatches(session, sorted({*taken, *waiting})):
            key = (dispatch.address_key, dispatch.sequence)
            if dispatch.state == "sending" and key in taken and dispatch.taken_at == taken[key]:
                retries.put_down(dispatch, Unknown("sender_lost"), at, waited=True)
                log.warning("dispatch.sender_lost", dispatch=dispatch_id(*key), state=dispatch.state)
            elif dispatch.state == "due" and dispatch.due_at > latest:
                dispatch.due_at = at
            else:
                continue
            found += 1
        bulk.write_changes(session)
    return found
