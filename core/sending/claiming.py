"""Claim: take what an account may send now, in one short transaction and a fixed number of queries.

A conversation is sent in its order: only the first text that is not settled may go, and while it is on its way or waits
for another try, those after it wait, too. Answers go before notices, notices before marketing; what stands in front of
an answer in its conversation goes with the answer's right of way. ``dead`` and ``unknown`` texts stand in nobody's way.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, literal_column, select, tuple_
from sqlalchemy.orm import Session, aliased, sessionmaker

from core import bulk, database
from core.engine.claiming import REPLY_COLUMN, reply_row
from core.engine.locking import USER_COLUMN
from core.keys import Keyring
from core.models import Account, Address, Dispatch, Outbox
from core.models.base import table_of
from core.sending import bucket
from core.sending.outbound import OutboundMessage, Outlet, dispatch_id

LONGEST_CLOSED = timedelta(hours=1)
"""An account is asked again after so long, whatever the platform said; a clock that was set back keeps it no longer."""

# Spelt out, for the indexes that hold only these.
DUE: ColumnElement[str] = literal_column("'due'")
SENDING: ColumnElement[str] = literal_column("'sending'")


class Taken(NamedTuple):
    """One text that this process sends now, sealed. ``taken_at`` tells this try from any other."""

    address_key: bytes
    sequence: int
    taken_at: datetime
    ref: str
    part: int
    text_sealed: bytes
    user_sealed: bytes
    said_at: datetime

    def open(self, outlet: Outlet, keys: Keyring) -> OutboundMessage:
        """The message for the adapter. Raises KeysUnusable."""
        return OutboundMessage(
            dispatch_id(self.address_key, self.sequence),
            outlet.channel,
            outlet.account,
            keys.unseal(USER_COLUMN, self.address_key, self.user_sealed),
            keys.unseal(REPLY_COLUMN, reply_row(self.address_key, self.ref, self.part), self.text_sealed),
            self.said_at,
        )


class Claimed(NamedTuple):
    """What was taken; ``wait`` is how long the account has to wait for more, as far as it is the account's fault."""

    taken: Sequence[Taken]
    wait: timedelta = timedelta()


def is_due(session: Session, outlet: Outlet, at: datetime) -> bool:
    """True when it may be worth to claim. Reads only."""
    mine = (Dispatch.channel == outlet.channel) & (Dispatch.account == outlet.account)
    statement = select(Dispatch.sequence).where(mine, Dispatch.state == DUE, Dispatch.due_at <= at).limit(1)
    return session.execute(statement).first() is not None


def claim(sessions: sessionmaker[Session], outlet: Outlet, at: datetime, most: int) -> Claimed:
    """Take up to ``most`` texts that are due at ``at``, mark them as on their way and book the account's bucket.

    Whoever claims for the same account waits meanwhile, so no text is taken twice.
    """
    with sessions.begin() as session:
        account = lock_account(session, outlet.channel, outlet.account, at)
        account.booked_until = min(account.booked_until, bucket.full(at, outlet.rate))
        if account.paused:
            return Claimed(())
        if account.closed_until and account.closed_until > at:
            return Claimed((), min(account.closed_until - at, LONGEST_CLOSED))
        free = bucket.free(account.booked_until, at, outlet.rate)
        if free <= 0:
            return Claimed((), bucket.wait(account.booked_until, at, outlet.rate))
        keys = _first_of_each(session, outlet, at, min(free, most))
        rows = session.execute(_locked(keys)).all() if keys else []
        if not rows:
            return Claimed(())
        for dispatch, *_ in rows:
            dispatch.state, dispatch.taken_at, dispatch.tries = "sending", at, dispatch.tries + 1
        account.closed_until = None
        account.booked_until = bucket.booked(account.booked_until, at, outlet.rate, len(rows))
        bulk.write_changes(session)
        return Claimed(
            [
                Taken(one.address_key, one.sequence, at, one.ref, one.part, text_sealed, user_sealed, said_at)
                for one, text_sealed, said_at, user_sealed in rows
            ]
        )


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


def _first_of_each(session: Session, outlet: Outlet, at: datetime, most: int) -> list[tuple[bytes, int]]:
    """The first text of each conversation in which one is due and the first may go, the most urgent ones first.

    The inner selects are scalar on purpose: they stay one probe of the primary key for each row that is looked at,
    whatever the statistics make a planner believe, and the outer one walks its index until it has enough.
    """
    urgent, first, other = (aliased(Dispatch, name=name) for name in ("urgent", "first", "other"))
    of_conversation = (first.address_key == urgent.address_key, first.state.in_((DUE, SENDING)))
    first_sequence = select(first.sequence).where(*of_conversation).order_by(first.sequence).limit(1)
    may_go = select((first.state == DUE) & (first.due_at <= at)).where(*of_conversation).order_by(first.sequence)
    as_urgent = (
        select(other.sequence)
        .where(other.address_key == urgent.address_key, other.state == DUE, other.due_at <= at)
        .where(other.duty <= urgent.duty)
        .order_by(other.sequence)
        .limit(1)
    )
    statement = (
        select(urgent.address_key, first_sequence.scalar_subquery())
        .where(urgent.channel == outlet.channel, urgent.account == outlet.account)
        .where(urgent.state == DUE, urgent.due_at <= at, may_go.limit(1).scalar_subquery())
        .where(urgent.sequence == as_urgent.scalar_subquery())
        .order_by(urgent.duty, urgent.due_at)
        .limit(most)
    )
    return list(dict.fromkeys((row[0], row[1]) for row in session.execute(statement)))  # once, and one for each duty


def _locked(keys: Sequence[tuple[bytes, int]]) -> Select[Dispatch, bytes, datetime, bytes]:
    said = (Outbox.address_key == Dispatch.address_key) & (Outbox.ref == Dispatch.ref) & (Outbox.part == Dispatch.part)
    statement = (
        select(Dispatch, Outbox.text_sealed, Outbox.said_at, Address.user_sealed)
        .join(Outbox, said)
        .join(Address, Address.key == Dispatch.address_key)
        .where(tuple_(Dispatch.address_key, Dispatch.sequence).in_(keys), Dispatch.state == DUE)
    )
    return database.taken(statement, Dispatch.address_key, Dispatch)
