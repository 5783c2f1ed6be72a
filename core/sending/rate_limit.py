"""Rate limit: how many texts an account may send now, by a token bucket (GCRA) in its row, and whether it is closed.

``booked_until`` lies as far ahead of now as texts were sent faster than the rate. An account is closed for as long as
its platform wants nothing more from it, and paused by operators.
"""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import bulk, database
from core.models import Account
from core.models.base import table_of
from core.sending.outbound import Rate

LONGEST_CLOSED = timedelta(hours=1)
"""An account is asked again after so long, whatever the platform said; a clock that was set back keeps it no longer."""


def full(at: datetime, rate: Rate) -> datetime:
    """The furthest that may be booked at ``at``. What lies further ahead was booked before a clock was set back."""
    return at + rate.interval * rate.burst


def free(booked_until: datetime, at: datetime, rate: Rate) -> int:
    """How many texts may go at ``at``: the burst at most, 0 or less when the bucket is full."""
    return (full(at, rate) - max(booked_until, at)) // rate.interval


def booked(booked_until: datetime, at: datetime, rate: Rate, texts: int) -> datetime:
    """``booked_until`` after ``texts`` more went at ``at``."""
    return max(booked_until, at) + rate.interval * texts


def wait(booked_until: datetime, at: datetime, rate: Rate) -> timedelta:
    """How long until one text may go; zero when it may now."""
    return max(booked_until + rate.interval - full(at, rate), timedelta())


def lock_account(session: Session, channel: str, account: str, at: datetime) -> Account:
    """The row of an account, locked; made when it is missing. A closing that a set-back clock left is cut short."""
    mine = select(Account).where(Account.channel == channel, Account.account == account)
    statement = database.locked(mine, Account.account, Account)
    found = session.scalars(statement).one_or_none()
    if found is None:
        new = {"channel": channel, "account": account, "booked_until": at, "closed_until": None, "paused": False}
        bulk.claim(session, table_of(Account), [new], table_of(Account).c.account)
        found = session.scalars(statement).one()
    if found.closed_until and found.closed_until > at + LONGEST_CLOSED:
        found.closed_until = at + LONGEST_CLOSED
    return found
