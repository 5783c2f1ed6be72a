"""Restoration: what of sending is not done once more when a backup was restored, and the hold until somebody looked.

Between the backup and now texts went out of which this copy knows nothing. Answers and notices are sent again when
nobody knows; marketing is not.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import null, select, update
from sqlalchemy.orm import Session

from core.models import Account, Address, OutboundJob
from core.sending.outbound import Category
from core.sending.rate_limit import lock_account

RESTORED = "restored"
"""The error of a text that may have gone after the backup was taken."""

Place = tuple[str, str]
"""Channel and account."""


def give_up_marketing(session: Session) -> int:
    """Let no marketing that waits go by itself: it may have gone already; returns how many texts that are."""
    waits = OutboundJob.state.in_(("due", "held", "sending"))
    of_these = (
        update(OutboundJob)
        .where(OutboundJob.category == int(Category.MARKETING), waits)
        .values(state="unknown", error=RESTORED, taken_at=null())
    )
    return len(session.execute(of_these.returning(OutboundJob.sequence)).all())


def hold(session: Session, places: Iterable[Place], at: datetime) -> list[Place]:
    """Pause ``places`` and all accounts that anybody was heard at; returns those that had not been paused."""
    heard = select(Address.channel, Address.account).union(select(Account.channel, Account.account))
    every = sorted({*places, *((row[0], row[1]) for row in session.execute(heard))})
    held = []
    for place in every:
        account = lock_account(session, *place, at)
        if not account.paused:
            held.append(place)
        account.paused = True
    session.flush()
    return held
