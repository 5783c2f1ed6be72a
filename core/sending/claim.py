"""Claim: take what an account may send now, in one short transaction and a fixed number of queries.

Texts of one category of a conversation are sent in their order: only the first one that is not settled may go, and
while it is on its way or waits for another try, those after it wait, too; those of other categories do not. What is
unasked keeps that order within its campaign: one that is paused, or says as much as it may, holds up no other one.
Answers go before notices, notices before what is unasked. What is ``dead``, ``unknown`` or ``held`` stands in nobody's
way.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased, sessionmaker

from core import bulk, database, lists
from core.keys import Keyring
from core.models import Address, Inbox, OutboundJob, Outbox
from core.outbox import answered_by
from core.sending import rate_limit
from core.sending.jobs import CUT, DUE, SENDING, ClaimedJob, mark_sending
from core.sending.messaging_window import SendingRights
from core.sending.outbound import Category, SendingAccount
from core.sending.policy import judge
from core.sending.rate_limit import LONGEST_CLOSED, lock_account
from core.sending.spend_limits import admit, breaker_open


class Claimed(NamedTuple):
    """What was taken; ``wait`` is how long the account has to wait for more, as far as it is the account's fault."""

    taken: Sequence[ClaimedJob]
    wait: timedelta = timedelta()
    more: bool = False
    """Some texts were looked at that may not go, so there may be others behind them."""


def is_due(session: Session, outlet: SendingAccount, at: datetime) -> bool:
    """True when it may be worth to claim. Reads only."""
    mine = (OutboundJob.channel == outlet.channel) & (OutboundJob.account == outlet.account)
    statement = select(OutboundJob.sequence).where(mine, OutboundJob.state == DUE, OutboundJob.due_at <= at).limit(1)
    return session.execute(statement).first() is not None


def claim(sessions: sessionmaker[Session], keys: Keyring, outlet: SendingAccount, at: datetime, most: int) -> Claimed:
    """Take up to ``most`` texts that are due at ``at``, mark them as on their way and book the account's bucket.

    Whoever claims for the same account waits meanwhile, so no text is taken twice. Texts that may not go, as their
    player opted out, has gone or must speak first, are marked so instead.
    """
    with sessions.begin() as session:
        account = lock_account(session, outlet.channel, outlet.account, at)
        account.booked_until = min(account.booked_until, rate_limit.full(at, outlet.rate))
        if account.paused:
            return Claimed(())
        if account.closed_until and account.closed_until > at:
            return Claimed((), min(account.closed_until - at, LONGEST_CLOSED))
        free = rate_limit.free(account.booked_until, at, outlet.rate)
        if free <= 0:
            return Claimed((), rate_limit.wait(account.booked_until, at, outlet.rate))
        if (closed := breaker_open(session, outlet, at)) is not None:
            return Claimed((), closed)
        first = _first_of_each(session, outlet, at, min(free, most))
        taken, looked_at = _take(session, keys, outlet, at, first) if first else ([], 0)
        if taken:
            account.closed_until = None
            account.booked_until = rate_limit.booked(account.booked_until, at, outlet.rate, len(taken))
        bulk.write_changes(session)
        return Claimed(taken, more=looked_at > len(taken))


def _take(
    session: Session, keys: Keyring, outlet: SendingAccount, at: datetime, first: Sequence[tuple[bytes, int]]
) -> tuple[list[ClaimedJob], int]:
    """Those of ``first`` that may go, marked as on their way, and how many were marked in any way.

    Who is speaking at this moment is left alone: their turns have the addresses.
    """
    rights = SendingRights(session, outlet, at, first)
    if not rights.keys:
        return [], 0
    locked = session.execute(_LOCKED, {"keys": rights.keys})  # in the order of addresses
    urgency = {key: place for place, key in enumerate(rights.keys)}
    found = [ClaimedJob(one[0], one[1], at, *one[2:9], Category(one[9]), *one[10:]) for one in locked]
    found.sort(key=lambda each: urgency[each.key])
    free = _undisturbed(session, found)
    admitted = admit(session, keys, outlet, at, free)
    judged = judge(session, keys, outlet, at, admitted)
    candidates = [one for each in judged.go if (one := rights.by_some_right(each)) is not None]
    going = mark_sending(session, [*candidates, *judged.needless], at)
    taken = [each for each in candidates if each.key in going]
    rights.write(taken, dropped=[each for each in candidates if each.key not in going])
    return taken, len(free)


def _first_of_each(session: Session, outlet: SendingAccount, at: datetime, most: int) -> list[tuple[bytes, int]]:
    """The first text of each category of each conversation, where it may go now, the most urgent ones first.

    Of what is unasked it is the first one of each campaign.

    The inner select is scalar on purpose: it stays one probe of the primary key for each row that is looked at,
    whatever the statistics make a planner believe, and the outer one walks its index until it has enough.
    """
    found, first = (aliased(OutboundJob, name=name) for name in ("found", "first"))
    first_sequence = (
        select(first.sequence)
        .where(first.address_key == found.address_key, first.category == found.category)
        .where(or_(found.category < int(Category.REMINDER), first.campaign_id.is_not_distinct_from(found.campaign_id)))
        .where(first.state.in_((DUE, SENDING)))
        .order_by(first.sequence)
        .limit(1)
    )
    statement = (
        select(found.address_key, found.sequence)
        .where(found.channel == outlet.channel, found.account == outlet.account)
        .where(found.state == DUE, found.due_at <= at, found.sequence == first_sequence.scalar_subquery())
        .order_by(found.category, found.due_at)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def _undisturbed(session: Session, candidates: Sequence[ClaimedJob]) -> Sequence[ClaimedJob]:
    """``candidates`` without what is unasked for those who are speaking at this moment: what they say may be STOP.

    The addresses of the others are locked, so that they are heard after this, and what was read of them is read again.
    """
    wanted = sorted({each.address_key for each in candidates if each.category.unasked})
    if not wanted:
        return candidates
    asked = select(Address.key, Address.person, Address.said_count).where(Address.key.in_(wanted))
    free = {row[0]: row for row in session.execute(database.taken(asked, Address.key, Address))}
    return [
        each._replace(person=found[1], said_count=found[2]) if (found := free.get(each.address_key)) else each
        for each in candidates
        if not each.category.unasked or each.address_key in free
    ]


_SAID = (
    (Outbox.address_key == OutboundJob.address_key)
    & (Outbox.ref == OutboundJob.ref)
    & (Outbox.part == OutboundJob.part)
)
_THREAD = (
    select(Inbox.thread)
    .where(Inbox.address_key == OutboundJob.address_key, Inbox.external_id == answered_by(OutboundJob.ref))
    .scalar_subquery()
)
_LOCKED = database.taken(
    select(
        OutboundJob.address_key,
        OutboundJob.sequence,
        OutboundJob.ref,
        OutboundJob.part,
        Outbox.text_sealed,
        Outbox.rich_sealed,
        Address.user_sealed,
        Outbox.said_at,
        func.coalesce(Address.language, Address.app_language),
        OutboundJob.category,
        OutboundJob.campaign_id,
        OutboundJob.expires_at,
        OutboundJob.job,
        OutboundJob.scheduled_at,
        Address.person,
        Address.said_count,
        OutboundJob.by_right,
        OutboundJob.error == CUT,
        _THREAD,
        OutboundJob.broadcast_id,
        OutboundJob.capped,
    )
    .join(Outbox, _SAID)
    .join(Address, Address.key == OutboundJob.address_key)
    .where(lists.among_rows((OutboundJob.address_key, OutboundJob.sequence), "keys"), OutboundJob.state == DUE),
    OutboundJob.address_key,
    OutboundJob,
)
