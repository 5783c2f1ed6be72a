"""Announcements: how far each run of the calendar came, and stopping one by itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, TypeVarTuple

from sqlalchemy import ColumnElement, Select, func, select, tuple_, update
from sqlalchemy.orm import Session

from core import database
from core.engine.runtime import Runtime
from core.models import CalendarRun, Campaign, OutboundJob, Player, Timer
from handlers.follow_ups import ANNOUNCE

Columns = TypeVarTuple("Columns")
STOPPED = "stopped"
"""Why a timer or a text of an announcement was dropped: an operator stopped it."""
_CHUNK = 2000
_WAITS = ("due", "held")


class Progress(NamedTuple):
    """How far an announcement came; all but ``planted`` add up to it."""

    run: CalendarRun
    waiting: int
    """Timers that are still to fire."""
    needless: int
    """Timers that were dropped: it was not wanted, or not true any more, or was stopped."""
    failed: int
    texts: Mapping[str, int]
    """Of those that fired, by state: due, held, sending, sent, unknown, dead, dropped."""
    why: Mapping[str, int]
    """Why texts were dropped, or what those that are due wait for."""

    @property
    def total(self) -> int:
        """What became of them, summed up: as many as were planted."""
        return self.waiting + self.needless + self.failed + sum(self.texts.values())


def progress(session: Session, run: CalendarRun) -> Progress:
    """How far ``run`` came."""
    counted = session.execute(_of_run(select(Timer.state, func.count()), run).group_by(Timer.state))
    timers = {row[0]: row[1] for row in counted}
    found = session.execute(
        select(OutboundJob.state, OutboundJob.error, func.count())
        .where(*_texts_of(run))
        .group_by(OutboundJob.state, OutboundJob.error)
    )
    texts: dict[str, int] = {}
    why: dict[str, int] = {}
    for state, error, count in found:
        texts[state] = texts.get(state, 0) + count
        if error is not None:
            why[error] = why.get(error, 0) + count
    texts["sent"] = timers.get("fired", 0) - sum(texts.values())
    return Progress(run, timers.get("due", 0), timers.get("dropped", 0), timers.get("failed", 0), texts, why)


def last_runs(session: Session, most: int) -> list[CalendarRun]:
    """The newest announcements of all campaigns, but for those that were missed."""
    newest = select(CalendarRun).where(CalendarRun.state != "missed").order_by(CalendarRun.scheduled_at.desc())
    return list(session.scalars(newest.order_by(CalendarRun.job).limit(most)))


def stop(runtime: Runtime, campaign: str, job: str, scheduled_at: datetime | None, at: datetime) -> CalendarRun | None:
    """Stop an announcement, the last one of its job unless ``scheduled_at`` says which; None when there is none.

    From the first commit on nothing more of it is planted, said or taken to be sent, but by whoever is at it then: they
    are waited for. Then what waits is dropped in chunks; stopped again, this goes on where it was broken off.
    """
    with runtime.sessions.begin() as session:
        run = _stopped(session, campaign, job, scheduled_at)
    if run is not None:
        while _drop_timers(runtime, run, at) + _drop_texts(runtime, run):
            pass
    return run


def _stopped(session: Session, campaign: str, job: str, scheduled_at: datetime | None) -> CalendarRun | None:
    wanted = (
        select(CalendarRun)
        .join(Campaign, Campaign.id == CalendarRun.campaign_id)
        .where(Campaign.name == campaign, CalendarRun.job == job, CalendarRun.state != "missed")
    )
    if scheduled_at is not None:
        wanted = wanted.where(CalendarRun.scheduled_at == scheduled_at)
    run = session.scalars(database.locked(wanted, CalendarRun.scheduled_at.desc(), CalendarRun).limit(1)).first()
    if run is not None:
        run.state = "stopped"
        session.flush()
    return run


def _drop_timers(runtime: Runtime, run: CalendarRun, at: datetime) -> int:
    with runtime.sessions.begin() as session:
        wanted = _of_run(select(Timer.owner_id, Timer.occurrence), run).where(Timer.state == "due").limit(_CHUNK)
        found = [(row[0], row[1]) for row in session.execute(database.locked(wanted, Timer.owner_id, Timer))]
        mine = (Timer.kind == ANNOUNCE) & (Timer.subject == run.job) & (Timer.state == "due")
        of_these = tuple_(Timer.owner_id, Timer.occurrence).in_(found)
        values = {"state": "dropped", "settled_at": at, "error": STOPPED}
        session.execute(update(Timer).where(mine, of_these).values(values), execution_options=_BY_HAND)
        return len(found)


def _drop_texts(runtime: Runtime, run: CalendarRun) -> int:
    with runtime.sessions.begin() as session:
        place = (OutboundJob.address_key, OutboundJob.sequence)
        wanted = select(*place).where(*_texts_of(run), OutboundJob.state.in_(_WAITS)).limit(_CHUNK)
        found = [
            (row[0], row[1]) for row in session.execute(database.locked(wanted, OutboundJob.address_key, OutboundJob))
        ]
        of_these = tuple_(*place).in_(found) & OutboundJob.state.in_(_WAITS)
        values = {"state": "dropped", "error": STOPPED}
        session.execute(update(OutboundJob).where(of_these).values(values), execution_options=_BY_HAND)
        return len(found)


_BY_HAND = {"synchronize_session": False}


def _texts_of(run: CalendarRun) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboundJob.campaign_id == run.campaign_id,
        OutboundJob.job == run.job,
        OutboundJob.scheduled_at == run.scheduled_at,
    )


def _of_run(statement: Select[*Columns], run: CalendarRun) -> Select[*Columns]:
    """``statement`` for the timers of ``run``."""
    return statement.join(Player, Player.id == Timer.owner_id).where(
        Timer.kind == ANNOUNCE,
        Timer.subject == run.job,
        Timer.since == run.scheduled_at,
        Player.campaign_id == run.campaign_id,
    )
