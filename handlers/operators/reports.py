"""Reports: what a campaign came to yesterday, told every morning to the operators who asked for it.

A report is due once a day at its minute, in the zone of its campaign, until that day ends, and for six hours at least:
a clock that comes late sends it late, and one that comes after that does not. The row of the day that is told of, its
text in the outbox, and nothing else, are one transaction under the lock of the address.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import bulk
from core.answers import Answer, VerbName
from core.blame import is_worlds
from core.campaign.live import LiveCampaign
from core.database import read_only
from core.engine.replies import State, language_for, say
from core.engine.runtime import Runtime
from core.engine.unit_of_work import UnitOfWork, unit_of_work
from core.measures.comparison import Asked
from core.measures.days import A_DAY
from core.measures.verbs import told
from core.messages import Reply
from core.models import Address, OutboundJob, Outbox
from core.models.base import table_of
from core.operators import Role
from core.times import local_day, start_of_day
from core.verbs import patiently
from handlers.operators.access import speaker_at
from handlers.operators.say import Teller, pages
from handlers.operators.tables import Report, ReportDay

log = structlog.get_logger()

FOR = Role.AUDITOR
"""The least role whose holders are told."""
LATE = timedelta(hours=6)
NEWS = timedelta(hours=24)
"""So long a report may wait for its operator, such as for a word on a platform that lets us write only after one."""
REPORT = "notice:report:"
"""How their refs in the outbox begin."""
_HOUR = 60
_A_SECOND = timedelta(seconds=1)


class DueReport(NamedTuple):
    """A report of which the time has come, and the day that it tells of."""

    address_key: bytes
    campaign_id: int
    day: date


def due_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """When the report of ``day`` is due: at that minute of the next one."""
    return datetime.combine(day + A_DAY, time(*divmod(minute, _HOUR)), zone).astimezone(UTC)


def next_day(report: Report, campaign: LiveCampaign, at: datetime) -> date | None:
    """The day of which the next report would be that has not come by ``at``; None where the campaign is over then."""
    zone = campaign.rules.zone
    day = local_day(at, zone) - A_DAY
    while due_at(day, report.minute, zone) <= max(at, report.asked_at) or _is_before(campaign, day):
        day += A_DAY
    return day if is_told(campaign, day) else None


def is_told(campaign: LiveCampaign, day: date) -> bool:
    """Whether ``day`` is one on which the campaign was open."""
    return not _is_before(campaign, day) and start_of_day(day, campaign.rules.zone) < campaign.closes_at


def _is_before(campaign: LiveCampaign, day: date) -> bool:
    return start_of_day(day + A_DAY, campaign.rules.zone) <= campaign.published.opens_at


def send_reports(runtime: Runtime, at: datetime) -> int:
    """Put every report that is due into the outbox, once; returns how many. One that fails keeps no other one back."""
    with read_only(runtime.sessions) as session:
        due = _due(session, runtime.shelf.read(session), at)
    sent = 0
    for which in dict.fromkeys(each[1:] for each in due):
        with _by_itself(which[0]):
            answer = _answer(runtime, *which, at)
            for each in due:
                if each[1:] == which:
                    with _by_itself(which[0]):
                        sent += patiently(partial(_send, runtime, each, answer, at))
    return sent


@contextmanager
def _by_itself(campaign_id: int) -> Iterator[None]:
    """A fault of ours is logged, and ends nothing but this; what the world does is raised."""
    try:
        yield
    except Exception as error:
        if is_worlds(error):
            raise
        log.exception("report.failed", campaign=campaign_id, error=type(error).__name__)


def _answer(runtime: Runtime, campaign_id: int, day: date, at: datetime) -> Answer:
    """What is told of ``day``: as of the day after it, however late it is told."""
    with read_only(runtime.sessions) as session:
        campaign = runtime.shelf.read(session)[campaign_id]
        as_of = min(at, start_of_day(day + 2 * A_DAY, campaign.rules.zone) - _A_SECOND)
        return Answer(told(runtime, session, campaign, Asked(campaign_id, "yesterday", None, as_of)))


def _due(session: Session, campaigns: Mapping[int, LiveCampaign], at: datetime) -> list[DueReport]:
    """What is due at ``at`` and was not sent, of addresses that may be told."""
    found = list[DueReport]()
    for report in session.scalars(select(Report).order_by(Report.campaign_id, Report.address_key)):
        campaign = campaigns.get(report.campaign_id)
        if campaign is None:
            continue
        today = local_day(at, campaign.rules.zone)
        for day in (today - 2 * A_DAY, today - A_DAY):
            if _is_due(report, campaign, day, at) and is_told(campaign, day):
                found.append(DueReport(report.address_key, report.campaign_id, day))
    sent = set[DueReport]()
    if found:
        days = sorted({each.day for each in found})
        key = (ReportDay.address_key, ReportDay.campaign_id, ReportDay.day)
        sent = {DueReport(*row) for row in session.execute(select(*key).where(ReportDay.day.in_(days)))}
    return [each for each in found if each not in sent and may_be_told(session, _address(session, each), at)]


def _is_due(report: Report, campaign: LiveCampaign, day: date, at: datetime) -> bool:
    zone = campaign.rules.zone
    since = due_at(day, report.minute, zone)
    return report.asked_at < since <= at < max(start_of_day(day + 2 * A_DAY, zone), since + LATE)


def _address(session: Session, due: DueReport) -> Address:
    return session.get_one(Address, due.address_key)


def may_be_told(session: Session, address: Address, at: datetime) -> bool:
    """Whether whoever writes from ``address`` is an operator now who may see numbers."""
    speaker = speaker_at(session, address.key, address.place, at)
    return speaker is not None and speaker.role.covers(FOR)


def _send(runtime: Runtime, due: DueReport, answer: Answer, at: datetime) -> bool:
    """Tell one address of one day; False where that was done, or is not wanted any more."""
    with unit_of_work(runtime, at) as work:
        work.lock_address(due.address_key)
        address = work.rows.addresses[due.address_key]
        if work.session.get(Report, due[:2]) is None or not may_be_told(work.session, address, at):
            return False
        table = table_of(ReportDay)
        if not bulk.claim(work.session, table, [{**due._asdict(), "told_at": at}], table.c.day):
            return False
        _say(runtime, work, due, answer, at)
    return True


def _say(runtime: Runtime, work: UnitOfWork, due: DueReport, answer: Answer, at: datetime) -> None:
    address, mechanics = work.rows.addresses[due.address_key], runtime.mechanics
    teller = Teller(mechanics.phrases(), language_for(address, None), runtime.public_url, mechanics.verbs)
    shown, rest = pages(teller.answer(answer), address.channel)
    more = [teller.sentence("{verb} shows all of it.", verb=VerbName("report"))] if rest else []
    reply = Reply("verb.says", {"text": "\n\n".join([shown, *more])}, picture=teller.picture(answer))
    ref = report_ref(due.campaign_id, due.day)
    say(work.rows, address, None, [reply], ref=ref, state=State.QUEUED, at=at, expires_at=at + NEWS)


def report_ref(campaign_id: int, day: date) -> str:
    """The outbox ref of a report."""
    return f"{REPORT}{campaign_id}:{day}"


def fate(session: Session, address_key: bytes, campaign_id: int, day: date) -> str:
    """What became of a report that was put into the outbox: "sent", the state of its job, or why that was dropped."""
    mine = (Outbox.address_key == address_key) & (Outbox.ref == report_ref(campaign_id, day))
    same = (OutboundJob.address_key == Outbox.address_key) & (OutboundJob.sequence == Outbox.sequence)
    job = session.scalars(select(OutboundJob).join(Outbox, same).where(mine)).first()
    if job is None:
        return "sent"
    return job.error if job.state == "dropped" and job.error is not None else job.state
