"""Run the calendar: claim each occurrence that has come, and plant a timer for each player to whom it speaks.

Any number of clocks may do it at once. An occurrence is claimed by its primary key; its timers are planted in chunks,
with the last player in the row of the run, so whoever comes next goes on where a killed clock stopped.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from core import bulk, database
from core.answers import Line, line
from core.campaign.cron import latest, minute_number, next_after
from core.campaign.live import LiveCampaign
from core.campaign.published import all_rules
from core.context import TurnRows
from core.database import read_only
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.models import CalendarRun, CampaignVersion, Player
from core.models.base import table_of
from core.segments.segment import read
from core.segments.words import Asked
from core.timers.schedule import set_timer
from handlers.calendar.rules import Calendar, JobRules
from handlers.follow_ups import ANNOUNCE

log = structlog.get_logger()

CHUNK = 2000
MOST_MISSED = 30
"""Of the occurrences of one job that were missed together, so many of the newest are recorded."""
_INSTANT = timedelta(microseconds=1)


def run_calendar(runtime: Runtime, at: datetime, chunk: int = CHUNK) -> int:
    """Claim all occurrences that have come by ``at`` and plant their timers; returns how many were planted.

    Of several occurrences of one job the newest is said, late by up to what the file allows; the others are missed.
    """
    if found := _find(runtime, at):
        _claim(runtime, found)
    total = 0
    while (planted := _plant(runtime, at, chunk)) is not None:
        total += planted
    return total


def _find(runtime: Runtime, at: datetime) -> list[dict[str, object]]:
    """The runs to claim; without one, this reads the campaigns and the last run of each job, and nothing else."""
    with read_only(runtime.sessions) as session:
        return _new_runs(session, runtime.shelf.look(session), at)


def _new_runs(session: Session, campaigns: Mapping[int, LiveCampaign], at: datetime) -> list[dict[str, object]]:
    """The runs that have come by ``at`` and have no row yet."""
    calendars = [each for each in campaigns.values() if each.rules.section(Calendar).each]
    open_ones = [campaign for campaign in calendars if campaign.why_closed(at) is None]
    last = last_runs(session) if open_ones else {}
    found: list[dict[str, object]] = []
    for campaign in open_ones:
        for job in campaign.rules.section(Calendar).each:
            after = last.get((campaign.id, job.name))
            found += _come(session, campaign, job, after, at)
    return found


def miss_all(session: Session, rows: TurnRows, at: datetime) -> Iterator[Line]:
    """A backup was restored: what has come by ``at`` may have been announced, so it is missed, and no run goes on."""
    missed = [{**run, "state": "missed"} for run in _new_runs(session, rows.campaigns, at)]
    if missed:
        session.execute(insert(CalendarRun), missed)
    planting = update(CalendarRun).where(CalendarRun.state == "planting").values(state="done")
    if count := len(missed) + len(session.execute(planting.returning(CalendarRun.job)).all()):
        told = "Runs of the calendar since: {count}. They may have been announced, and are not made up for."
        yield line(told, count=count)


def last_runs(session: Session) -> dict[tuple[int, str], datetime]:
    """The last occurrence that was claimed or missed, by campaign and job."""
    grouped = select(CalendarRun.campaign_id, CalendarRun.job, func.max(CalendarRun.scheduled_at))
    rows = session.execute(grouped.group_by(CalendarRun.campaign_id, CalendarRun.job))
    return {(campaign_id, job): scheduled_at for campaign_id, job, scheduled_at in rows}


def _come(
    session: Session, campaign: LiveCampaign, job: JobRules, last: datetime | None, at: datetime
) -> list[dict[str, object]]:
    """The runs of ``job`` that have come since the ``last`` one: the newest is planted, or missed like the others."""
    zone, opens_at = campaign.rules.zone, campaign.published.opens_at - _INSTANT
    after = max(last or opens_at, opens_at)
    first = next_after(job.cron, zone, after)
    if first is None or first > at:
        return []
    after = max(after, scheduled_since(session, campaign, job))
    instants = latest(job.cron, zone, after, at, MOST_MISSED)
    return [
        {
            "campaign_id": campaign.id,
            "job": job.name,
            "scheduled_at": instant,
            "state": "planting" if place == 0 and at - instant <= job.late else "missed",
            "after_id": 0,
            "planted": 0,
        }
        for place, instant in enumerate(instants)
    ]


def scheduled_since(session: Session, campaign: LiveCampaign, job: JobRules) -> datetime:
    """The publication of the version since which the campaign has had ``job`` at these times without a break."""
    versions = select(CampaignVersion.version, CampaignVersion.published_at)
    published = session.execute(versions.where(CampaignVersion.campaign_id == campaign.id))
    rules, since = all_rules(session)[campaign.id], None
    for version, published_at in sorted(((row[0], row[1]) for row in published), reverse=True):
        before = rules[version].section(Calendar).named(job.name)
        if since is not None and (before is None or before.cron != job.cron):
            break
        since = published_at
    assert since is not None
    return since


def _claim(runtime: Runtime, found: list[dict[str, object]]) -> None:
    table = table_of(CalendarRun)
    key = [column.name for column in table.primary_key.columns]
    in_order = sorted(found, key=lambda row: tuple(str(row[name]) for name in key))
    with runtime.sessions.begin() as session:
        claimed = bulk.claim(session, table, in_order, table.c.job, table.c.scheduled_at, table.c.state)
    for row in claimed:
        tell, what = (log.warning, "calendar.missed") if row.state == "missed" else (log.info, "calendar.claimed")
        tell(what, job=row.job, scheduled_at=row.scheduled_at.isoformat())


def _plant(runtime: Runtime, at: datetime, chunk: int) -> int | None:
    """Plant the next timers of a run that nobody else plants at this moment; None when there is no such run."""
    planting = text("calendar_runs.state = 'planting'")
    if not database.finds(runtime.sessions, select(CalendarRun.campaign_id).where(planting)):
        return None
    with unit_of_work(runtime, at) as work:
        waiting = select(CalendarRun).where(planting).limit(1)
        run = work.session.scalars(database.taken(waiting, CalendarRun.scheduled_at, CalendarRun)).first()
        if run is None:
            return None
        ids = _next_players(work.session, work.rows, run, at, chunk)
        for player_id in ids:
            _set(work.rows, run, player_id, at)
        run.planted, run.after_id = run.planted + len(ids), ids[-1] if ids else run.after_id
        if len(ids) < chunk:
            run.state = "done"
        return len(ids)


def _next_players(session: Session, rows: TurnRows, run: CalendarRun, at: datetime, most: int) -> list[int]:
    """The next players to whom the job of ``run`` speaks and who had joined by then; none when it is no more."""
    campaign = rows.campaigns[run.campaign_id]
    job = campaign.rules.section(Calendar).named(run.job)
    if job is None or campaign.state == "ended":
        return []
    wanted = select(Player.id).where(
        Player.campaign_id == run.campaign_id,
        Player.id > run.after_id,
        Player.joined_at <= run.scheduled_at,
        Player.merged_into.is_(None),
        read(job.to, rows.segments, campaign.rules).where(Asked(campaign.rules, at)),
    )
    return list(session.scalars(wanted.order_by(Player.id).limit(most)))


def _set(rows: TurnRows, run: CalendarRun, player_id: int, at: datetime) -> None:
    """Due at once: a text that is late may be late from now on as much as the file allows."""
    due_at, number = max(at, run.scheduled_at), minute_number(run.scheduled_at)
    set_timer(rows, player_id, ANNOUNCE, subject=run.job, occurrence=number, due_at=due_at, since=run.scheduled_at)
