"""Roll-up: what each day of a campaign came to, counted from the rows and kept; counted again it is the same.

A day is counted when it is over, and again as long as what belongs to it may still come in; after 48 hours it is final.
Any number of processes may do so at once: a count that was made earlier never takes the place of a later one.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core import bulk
from core.campaign.live import LiveCampaign
from core.database import locked, read_only
from core.engine.runtime import Runtime
from core.measures.days import A_DAY, DayOf, counted, counted_as, frozen_until, is_frozen, whole_day
from core.models import CampaignVersion, DailyMeasure, MeasuredDay
from core.models.base import table_of
from core.times import local_day

SETTLES = (timedelta(hours=6), timedelta(hours=24), timedelta(hours=48))
"""So long after its end a day is counted again."""
LASTS = timedelta(days=90)
"""So long after a campaign its days go on: prizes are claimed and delivered."""


def roll_up(runtime: Runtime, at: datetime) -> int:
    """Count every day that is over and was not counted yet, or has to be counted again; returns how many."""
    with read_only(runtime.sessions) as session:
        campaigns = runtime.shelf.read(session)
        due = sorted(set(_due(session, runtime, campaigns, at)))
    for which in due:
        _count(runtime, campaigns[which.campaign_id], which, at)
    return len(due)


def rebuild(runtime: Runtime, campaign_id: int, at: datetime) -> int:
    """Count all days of a campaign anew, but for those of which rows have gone as they were old; returns how many."""
    with read_only(runtime.sessions) as session:
        campaign = runtime.shelf.read(session)[campaign_id]
        first = _first_days(session, {campaign_id: campaign})[campaign_id]
        until = frozen_until(session)
    days = [
        DayOf(campaign_id, day)
        for day in _days(first, _last_day(campaign, at))
        if not is_frozen(day, campaign.rules, until)
    ]
    for which in days:
        _count(runtime, campaign, which, at)
    return len(days)


def final_before(session: Session, runtime: Runtime, at: datetime) -> datetime:
    """Before this instant all days of all campaigns are counted for the last time, whatever their zones."""
    waiting = session.scalars(select(MeasuredDay.day).where(MeasuredDay.next_at.is_not(None))).all()
    days = {*waiting, *(which.day for which in _due(session, runtime, runtime.shelf.read(session), at))}
    return min(at, datetime.combine(min(days) - A_DAY, time.min, UTC)) if days else at


def reopen(session: Session, runtime: Runtime, instants: Sequence[datetime], at: datetime) -> None:
    """Count the days of these instants once more, of all campaigns: something came late that belongs to them."""
    for campaign in runtime.shelf.read(session).values():
        days = {local_day(instant, campaign.rules.zone) for instant in instants}
        mine = (MeasuredDay.campaign_id == campaign.id) & MeasuredDay.day.in_(sorted(days))
        session.execute(update(MeasuredDay).where(mine).values(next_at=at))


def _due(session: Session, runtime: Runtime, campaigns: Mapping[int, LiveCampaign], at: datetime) -> Iterator[DayOf]:
    again = select(MeasuredDay.campaign_id, MeasuredDay.day).where(MeasuredDay.next_at <= at)
    yield from (DayOf(*row) for row in session.execute(again))
    group = (MeasuredDay.campaign_id, MeasuredDay.counted_as)
    last: dict[int, date] = {}
    for campaign_id, was, day in session.execute(select(*group, func.max(MeasuredDay.day)).group_by(*group)):
        last[campaign_id] = max(day, last.get(campaign_id, day))
        if was != counted_as(campaigns[campaign_id].rules, runtime.mechanics.measures):
            others = (MeasuredDay.campaign_id == campaign_id) & (MeasuredDay.counted_as == was)
            yield from (DayOf(campaign_id, each) for each in session.scalars(select(MeasuredDay.day).where(others)))
    first = _first_days(session, campaigns)
    for campaign in campaigns.values():
        begin = last[campaign.id] + A_DAY if campaign.id in last else first[campaign.id]
        yield from (DayOf(campaign.id, day) for day in _days(begin, _last_day(campaign, at)))


def _first_days(session: Session, campaigns: Mapping[int, LiveCampaign]) -> dict[int, date]:
    """The days on which campaigns were published first. One query."""
    published = select(CampaignVersion.campaign_id, func.min(CampaignVersion.published_at))
    mine = published.where(CampaignVersion.campaign_id.in_(list(campaigns))).group_by(CampaignVersion.campaign_id)
    return {number: local_day(at, campaigns[number].rules.zone) for number, at in session.execute(mine)}


def _last_day(campaign: LiveCampaign, at: datetime) -> date:
    """Yesterday, or the last day that is counted of a campaign that is over."""
    zone = campaign.rules.zone
    return min(local_day(at, zone) - A_DAY, local_day(campaign.closes_at + LASTS, zone))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * A_DAY for number in range((last - first).days + 1))


def _count(runtime: Runtime, campaign: LiveCampaign, which: DayOf, at: datetime) -> None:
    measures, rules = runtime.mechanics.measures, campaign.rules
    with read_only(runtime.sessions) as session:
        seen = session.get(MeasuredDay, tuple(which))
        was_next_at = seen.next_at if seen is not None else None
        period = whole_day(session, runtime.mechanics.sections, rules, which)
        found = counted(session, measures, period, which.day)
    row = {
        **which._asdict(),
        "counted_as": counted_as(rules, measures),
        "counted_at": at,
        "next_at": next((period.until + after for after in SETTLES if period.until + after > at), None),
    }
    days = table_of(MeasuredDay)
    with runtime.sessions.begin() as session:
        if not bulk.claim(session, days, [row], days.c.day):
            if is_frozen(which.day, rules, frozen_until(session)):
                _let_stay(session, which, row)
                return
            mine = (MeasuredDay.campaign_id == which.campaign_id) & (MeasuredDay.day == which.day)
            day = session.scalars(locked(select(MeasuredDay).where(mine), MeasuredDay.day, MeasuredDay)).one()
            if day.counted_at > at:
                return
            if seen is not None and day.next_at != was_next_at:
                row["next_at"] = day.next_at  # asked for once more meanwhile, by what this count may not have seen
            session.execute(update(days).where(mine).values(row))
        the_day = (DailyMeasure.campaign_id == which.campaign_id) & (DailyMeasure.day == which.day)
        session.execute(delete(DailyMeasure).where(the_day))
        bulk.append(session, table_of(DailyMeasure), found)


def _let_stay(session: Session, which: DayOf, row: Mapping[str, object]) -> None:
    """Rows of the day have gone, as they were old: what they came to stays as it was counted, and is asked no more."""
    mine = (MeasuredDay.campaign_id == which.campaign_id) & (MeasuredDay.day == which.day)
    final = {"counted_as": row["counted_as"], "next_at": None}
    session.execute(update(MeasuredDay).where(mine).values(final), execution_options={"synchronize_session": False})
