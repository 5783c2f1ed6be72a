"""Operations: what operators see of sending (its backlog, dead letters and why), and what they may do.

They send again what was given up, pause accounts and resume them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from core import database
from core.models import Account, Campaign, OutboundJob
from core.sending.jobs import CUT, lock_dispatches
from core.sending.outbound import UNREADABLE, Category, dispatch_id
from core.sending.policy import PAUSED
from core.sending.rate_limit import lock_account

LATE = timedelta(minutes=1)
_AT_ONCE = 1000
_PLACE = (OutboundJob.address_key, OutboundJob.sequence)


class Backlog(NamedTuple):
    """How many texts of one account and category are in which state."""

    channel: str
    account: str
    category: Category
    later: int
    """Set for later, most of them for another try."""
    due: int
    late: int
    """Due for more than a minute; counted among ``due``, too."""
    held: int
    """Until their players speak: the platform lets us send nothing before."""
    sending: int
    unknown: int
    dead: int
    dropped: int
    """Never sent: their players had opted out, or had gone."""


class DeadLetter(NamedTuple):
    """One text that does not go on by itself."""

    id: str
    channel: str
    account: str
    category: Category
    state: str
    tries: int
    due_at: datetime
    error: str | None


class Reason(NamedTuple):
    """How many texts are in one state for one reason."""

    channel: str
    account: str
    category: Category
    campaign: str | None
    state: str
    right: str | None
    """Which right they took up on their way; of those that wait: which was refused."""
    error: str | None
    texts: int
    expires_at: datetime | None
    """When the first of them is news no more."""


def backlog(session: Session, at: datetime) -> list[Backlog]:
    """What is not delivered, by account and category."""
    due = OutboundJob.state == "due"

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    group = (OutboundJob.channel, OutboundJob.account, OutboundJob.category)
    statement = (
        select(
            *group,
            count(due & (OutboundJob.due_at > at)),
            count(due & (OutboundJob.due_at <= at)),
            count(due & (OutboundJob.due_at < at - LATE)),
            *(count(OutboundJob.state == state) for state in ("held", "sending", "unknown", "dead", "dropped")),
        )
        .group_by(*group)
        .order_by(*group)
    )
    return [Backlog(row[0], row[1], Category(row[2]), *map(int, row[3:11])) for row in session.execute(statement)]


def dead_letters(session: Session, most: int) -> list[DeadLetter]:
    """Up to ``most`` texts that were given up or whose outcome is unknown, the oldest first."""
    statement = (
        select(OutboundJob).where(OutboundJob.state.in_(("dead", "unknown"))).order_by(OutboundJob.due_at, *_PLACE)
    )
    return [
        DeadLetter(
            dispatch_id(one.address_key, one.sequence),
            one.channel,
            one.account,
            Category(one.category),
            one.state,
            one.tries,
            one.due_at,
            one.error,
        )
        for one in session.scalars(statement.limit(most))
    ]


def reasons(session: Session, most: int) -> list[Reason]:
    """Why texts are where they are, up to ``most`` groups of them, the largest first."""
    group = (
        OutboundJob.channel,
        OutboundJob.account,
        OutboundJob.category,
        OutboundJob.campaign_id,
        OutboundJob.state,
        OutboundJob.by_right,
        OutboundJob.error,
    )
    told = or_(OutboundJob.error.is_not(None), OutboundJob.state != "due")
    count = func.count()
    statement = select(Campaign.name, *group, count, func.min(OutboundJob.expires_at))
    found = session.execute(
        statement.outerjoin(Campaign, Campaign.id == OutboundJob.campaign_id)
        .where(told)
        .group_by(Campaign.name, *group)
        .order_by(count.desc(), *group)
        .limit(most)
    )
    return [Reason(row[1], row[2], Category(row[3]), row[0], *row[5:10]) for row in found]


def unreadable(session: Session, channel: str, account: str) -> str | None:
    """What was missing in the last answer of an account's platform that nobody could read, of texts still unknown."""
    mine = (OutboundJob.channel == channel) & (OutboundJob.account == account)
    said = OutboundJob.error.startswith(UNREADABLE)
    newest = (
        select(OutboundJob.error).where(mine, OutboundJob.state == "unknown", said).order_by(OutboundJob.due_at.desc())
    )
    found = session.scalar(newest.limit(1))
    return None if found is None else found.removeprefix(UNREADABLE)


def accounts(session: Session) -> Sequence[Account]:
    """All accounts that have sent, or were paused."""
    return session.scalars(select(Account).order_by(Account.channel, Account.account)).all()


def send_again(session: Session, keys: Sequence[tuple[bytes, int]], states: Sequence[str], at: datetime) -> int:
    """Let those of ``keys`` that are in one of ``states`` be due at ``at``, with all their tries; returns how many."""
    found = [one for one in lock_dispatches(session, keys) if one.state in states]
    for one in found:
        one.state, one.due_at, one.tries = "due", at, 0
        one.by_right, one.error = None, CUT if one.error == CUT else None
    session.flush()
    return len(found)


def send_all_again(session: Session, states: Sequence[str], at: datetime) -> int:
    """The same for all texts in one of ``states``."""
    total = 0
    some = select(*_PLACE).where(OutboundJob.state.in_(states)).limit(_AT_ONCE)
    while keys := [(row[0], row[1]) for row in session.execute(some)]:
        total += send_again(session, keys, states, at)
    return total


def people_of(session: Session, states: Sequence[str]) -> int:
    """How many addresses the texts in one of ``states`` go to."""
    mine = OutboundJob.state.in_(states)
    return session.scalar(select(func.count(OutboundJob.address_key.distinct())).where(mine)) or 0


def set_paused(session: Session, channel: str, account: str, at: datetime, *, paused: bool) -> bool:
    """Stop an account, or let it go on; False when it was so already. What it has in hand is finished."""
    found = lock_account(session, channel, account, at)
    changed = found.paused is not paused
    found.paused = paused
    session.flush()
    return changed


def go_on(session: Session, campaign_id: int, at: datetime) -> int:
    """Let what waited for the end of a campaign's pause be judged again at once; returns how many texts."""
    waits = (OutboundJob.campaign_id == campaign_id) & (OutboundJob.state == "due") & (OutboundJob.error == PAUSED)
    waiting = select(*_PLACE).where(waits).limit(_AT_ONCE)
    total = 0
    while keys := [
        (row[0], row[1]) for row in session.execute(database.locked(waiting, OutboundJob.address_key, OutboundJob))
    ]:
        of_these = update(OutboundJob).where(tuple_(*_PLACE).in_(keys)).values(due_at=at, error=None)
        session.execute(of_these, execution_options={"synchronize_session": False})
        total += len(keys)
    return total
