"""What goes when it is old: which rows of a table, by which instant, and what must be done with them before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, literal, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from core import database
from core.lists import among_rows
from core.models import Campaign, Consent, Guesses, Inbox, OutboundJob, Outbox, Permission, Player, Timer
from core.models.base import Base, table_of
from core.outbox import answer_ref, answered_by, replay_ref
from core.retention.keep import GUESSES, INBOX, OUTBOX, TIMERS, Keepable
from core.times import hour_number

Key = tuple[Any, ...]
"""The values of a primary key."""
Bound = datetime | int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Aged:
    """Rows of a table that go when they are older than ``keep`` says."""

    table: type[Base]
    keep: Keepable
    at: InstrumentedAttribute[Any]
    """What their age counts from."""
    done: Callable[[datetime], ColumnElement[bool]] = lambda _until: true()
    """Of those that are older than an instant: which ones nobody needs any more."""
    foreseen: Callable[[datetime], ColumnElement[bool]] | None = None
    """The same before what has to go first has gone, where that is another condition."""
    bound: Callable[[datetime], Bound] = lambda instant: instant
    """What ``at`` is for an instant."""
    counted: bool = False
    """Whether days are counted from them: they stay until all such days are final."""
    with_them: Callable[[Session, Sequence[Key]], Sequence[Key]] | None = None
    """Takes away what belongs to some rows that are locked; returns those that can go now."""

    @property
    def name(self) -> str:
        """Of the table."""
        return table_of(self.table).name

    @property
    def key(self) -> Sequence[ColumnElement[Any]]:
        """The columns of the primary key."""
        return list(table_of(self.table).primary_key.columns)


_same = and_(OutboundJob.address_key == Outbox.address_key, OutboundJob.sequence == Outbox.sequence)
_dropped = exists().where(_same, OutboundJob.state == "dropped").correlate(Outbox)
_told_of_a_wish = (
    exists()
    .where(Consent.address_key == Outbox.address_key, Consent.external_id == answered_by(Outbox.ref))
    .correlate(Outbox)
)
_SAID = and_(
    or_(Outbox.state.in_(("answered", "sent")), and_(Outbox.state == "queued", _dropped)),
    ~_told_of_a_wish,
)
"""What arrived, or was needless: what an operator has to look at is queued still. The answer to a wish proves it."""

_wish = (
    exists().where(Consent.address_key == Inbox.address_key, Consent.external_id == Inbox.external_id).correlate(Inbox)
)
_permission = (
    exists()
    .where(Permission.address_key == Inbox.address_key, Permission.external_id == Inbox.external_id)
    .correlate(Inbox)
)
_answer = (
    exists()
    .where(
        Outbox.address_key == Inbox.address_key,
        Outbox.ref.in_([literal(said).concat(Inbox.external_id) for said in (answer_ref(""), replay_ref(""))]),
    )
    .correlate(Inbox)
)
_rider = (
    exists().where(Outbox.address_key == Inbox.address_key, Outbox.carried_by == Inbox.external_id).correlate(Inbox)
)
_HEARD = and_(Inbox.state == "done", ~_wish, ~_permission, ~_answer, ~_rider)
"""A message stays as long as what answers it or rode on its answer, and for ever if it was a wish."""


def _will_be_heard(until: datetime) -> ColumnElement[bool]:
    stays = or_(Outbox.said_at >= until, and_(Outbox.state == "queued", ~_dropped))
    return and_(Inbox.state == "done", ~_wish, ~_permission, ~_answer.where(stays), ~_rider.where(stays))


def _drop_jobs(session: Session, keys: Sequence[Key]) -> Sequence[Key]:
    """Take away the jobs of texts that were dropped; a text whose job somebody has in hand stays."""
    texts = (Outbox.address_key, Outbox.ref, Outbox.part)
    queued = select(*texts, Outbox.sequence).where(among_rows(texts, "keys"), Outbox.state == "queued")
    waiting = {(row[0], row[1], row[2]): (row[0], row[3]) for row in session.execute(queued, {"keys": keys})}
    if not waiting:
        return keys
    place = (OutboundJob.address_key, OutboundJob.sequence)
    mine = select(*place).where(among_rows(place, "jobs"), OutboundJob.state == "dropped")
    named = {"jobs": sorted(waiting.values())}
    held = {(row[0], row[1]) for row in session.execute(database.taken(mine, place[0], OutboundJob), named)}
    if held:
        session.execute(
            delete(OutboundJob).where(among_rows(place, "jobs")),
            {"jobs": sorted(held)},
            execution_options={"synchronize_session": False},
        )
    return [key for key in keys if key not in waiting or waiting[key[0], key[1], key[2]] in held]


def _is_over(until: datetime) -> ColumnElement[bool]:
    """The campaign of a timer is over: while it goes on, that a timer fired is why it is set no second time."""
    over = or_(Campaign.state == "ended", Campaign.closes_at < until)
    of_campaign = and_(Player.id == Timer.owner_id, Campaign.id == Player.campaign_id)
    return exists().where(of_campaign, over).correlate(Timer)


KINDS = (
    Aged(
        table=Outbox,
        keep=OUTBOX,
        at=Outbox.said_at,
        done=lambda _until: _SAID,
        counted=True,
        with_them=_drop_jobs,
    ),
    Aged(
        table=Inbox,
        keep=INBOX,
        at=Inbox.received_at,
        done=lambda _until: _HEARD,
        foreseen=_will_be_heard,
    ),
    Aged(
        table=Timer,
        keep=TIMERS,
        at=Timer.settled_at,
        done=lambda until: and_(Timer.state.in_(("fired", "dropped")), Timer.due_at < until, _is_over(until)),
    ),
    Aged(table=Guesses, keep=GUESSES, at=Guesses.hour, bound=hour_number, counted=True),
)
"""Of what all mechanics stand on. Answers go before their messages."""
