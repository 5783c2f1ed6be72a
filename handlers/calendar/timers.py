"""The timers of calendar jobs: one player each, said once, until the next occurrence takes its place."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaign.cron import minute_of, next_after
from core.campaign.live import LiveCampaign
from core.context import TurnRows
from core.engine.replies import Run
from core.models import CalendarRun, Timer
from core.segments.segment import read
from core.segments.words import Asked
from core.timers.kinds import Later, TimerKind
from handlers.calendar.announcements import STOPPED
from handlers.calendar.rules import Calendar, JobRules
from handlers.follow_ups import ANNOUNCE, Known, ask, is_over, is_true, is_twin, is_welcome, speak, waits

_MINUTE = timedelta(minutes=1)


def _job(rows: TurnRows, timer: Timer) -> JobRules | None:
    campaign = rows.campaigns[rows.people[rows.root(timer.owner_id)].campaign_id]
    return campaign.rules.section(Calendar).named(timer.subject)


def _load(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    """Ask for what these jobs are about: of whom their words are still true, how much was said."""
    campaigns = {rows.people[rows.root(timer.owner_id)].campaign_id for timer in timers}
    counted = any(rows.campaigns[each].rules.follow_up_limits for each in campaigns)
    runs = (CalendarRun.campaign_id, CalendarRun.job, CalendarRun.scheduled_at)
    of_these = CalendarRun.campaign_id.in_(sorted(campaigns)) & CalendarRun.job.in_(sorted({t.subject for t in timers}))
    stopped = session.execute(select(*runs).where(CalendarRun.state == STOPPED, of_these))
    rows.of(Known).stopped.update((row[0], row[1], row[2]) for row in stopped)
    owners = [(rows.people[rows.root(timer.owner_id)], _job(rows, timer)) for timer in timers]
    jobs = {(player.campaign_id, job.to) for player, job in owners if job}
    audiences = [read(to, rows.segments, rows.campaigns[each].rules) for each, to in sorted(jobs)]
    ask(session, rows, timers, [each for each in audiences if not each.lasts], counted=counted)


def _fire(rows: TurnRows, timer: Timer, at: datetime) -> bool | Later:
    player, job = rows.people[rows.root(timer.owner_id)], _job(rows, timer)
    campaign = rows.campaigns[player.campaign_id]
    if (
        _was_stopped(rows, timer, campaign)
        or job is None
        or is_over(campaign, at)
        or is_twin(rows, timer)
        or at > timer.due_at + job.late
    ):
        return False
    audience = read(job.to, rows.segments, campaign.rules)
    if not is_welcome(rows, player):
        return False
    if not audience.lasts and not is_true(rows, audience, player, Asked(campaign.rules, at)):
        return False
    until, scheduled_at = waits(rows, campaign, player, at), minute_of(timer.occurrence)
    replaced_at = next_after(job.cron, campaign.rules.zone, scheduled_at)
    if until is None:
        run = Run(job.name, scheduled_at)
        speak(rows, campaign, timer, job.say, at, until=_end(campaign, job, at, replaced_at), run=run)
        return True
    if campaign.state == "paused" and until > scheduled_at + job.late:
        return False
    return False if replaced_at is not None and replaced_at <= until else Later(until)


def _was_stopped(rows: TurnRows, timer: Timer, campaign: LiveCampaign) -> bool:
    """Whether an operator stopped what ``timer`` announces; then that is said with the timer."""
    stopped = (campaign.id, timer.subject, minute_of(timer.occurrence)) in rows.of(Known).stopped
    timer.error = STOPPED if stopped else timer.error
    return stopped


def _end(campaign: LiveCampaign, job: JobRules, at: datetime, replaced_at: datetime | None) -> datetime:
    """Until when it may be sent: late by what the file allows beside a quiet night, or until the next replaces it."""
    limits = campaign.rules.follow_up_limits
    night = limits.quiet.lasts if limits and limits.quiet else timedelta()
    late_at = at + job.late + night
    return late_at if replaced_at is None else max(min(late_at, replaced_at), at + _MINUTE)


KINDS = {ANNOUNCE: TimerKind(ANNOUNCE, _load, _fire)}
