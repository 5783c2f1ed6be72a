"""What the calendar holds: the next occurrence of each job, its last run, and what was missed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.campaign.cron import next_after
from core.campaign.live import LiveCampaign
from core.models import CalendarRun
from handlers.calendar.rules import Calendar

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Planned:
    """A job of a campaign, and when it comes next; None when it does not come before the campaign closes."""

    campaign: str
    job: str
    next_at: datetime | None


def planned(campaigns: list[LiveCampaign], at: datetime) -> list[Planned]:
    """The jobs of all campaigns that are not over, in the order of their files."""
    listed = []
    for campaign in campaigns:
        published, rules = campaign.published, campaign.rules
        for job in rules.section(Calendar).each if campaign.why_closed(at) != "campaign.over" else ():
            found = next_after(job.cron, rules.zone, max(at, published.opens_at))
            next_at = found if found is not None and found < published.closes_at else None
            listed.append(Planned(rules.name, job.name, next_at))
    return listed


def last_of(session: Session, *, missed: bool) -> list[CalendarRun]:
    """The last runs, or the last occurrences that were missed, of all jobs, the newest first."""
    state = CalendarRun.state == "missed" if missed else CalendarRun.state != "missed"
    newest = select(CalendarRun).where(state).order_by(CalendarRun.scheduled_at.desc(), CalendarRun.job)
    return list(session.scalars(newest.limit(SHOWN)))
