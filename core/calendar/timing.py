"""The timers of calendar jobs: one player each, said once, until the next occurrence takes its place."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from core.calendar.cron import minute_of, next_after
from core.campaign.follow_ups import JobRules
from core.context import TurnRows
from core.follow_ups.knowing import ANNOUNCE, ask
from core.follow_ups.speaking import is_over, is_twin, is_welcome, speak, waits
from core.models import Timer
from core.timers.firing import Later, TimerKind


def _job(rows: TurnRows, timer: Timer) -> JobRules | None:
    return rows.campaigns[rows.people[rows.root(timer.owner_id)].campaign_id].rules.job(timer.subject)


def _load(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    """Ask for what these jobs are about: whose torch waits, how much was said."""
    campaigns = {rows.people[rows.root(timer.owner_id)].campaign_id for timer in timers}
    counted = any(rows.campaigns[each].rules.follow_up_limits for each in campaigns)
    jobs = [_job(rows, timer) for timer in timers]
    ask(session, rows, timers, {"unlit"} & {job.to for job in jobs if job}, counted=counted)


def _fire(rows: TurnRows, timer: Timer, at: datetime) -> bool | Later:
    player, job = rows.people[rows.root(timer.owner_id)], _job(rows, timer)
    campaign = rows.campaigns[player.campaign_id]
    if job is None or is_over(campaign, at) or is_twin(rows, timer) or at > timer.due_at + job.late:
        return False
    if not is_welcome(rows, player) or (job.to == "never redeemed" and player.active_on is not None):
        return False
    if job.to == "unlit" and rows.known.latest["unlit"].get(player.id, at) <= at:
        return False
    until = waits(rows, campaign, player, at)
    if until is None:
        speak(rows, campaign, timer, job.say, at)
        return True
    scheduled_at = minute_of(timer.occurrence)
    replaced_at = next_after(job.cron, campaign.rules.zone, scheduled_at)
    if campaign.state == "paused" and until > scheduled_at + job.late:
        return False
    return False if replaced_at is not None and replaced_at <= until else Later(until)


KINDS = {ANNOUNCE: TimerKind(ANNOUNCE, _load, _fire)}
