"""Figures: what measures came to over some days, from what is kept of the past and what today's rows say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.campaign.grammar import Section
from core.campaign.live import LiveCampaign
from core.measures.days import A_DAY, first_days
from core.measures.measure import Measure, Period, Sum, Tally, count_all
from core.models import DailyMeasure, MeasuredDay
from core.times import local_day, start_of_day


class Span(NamedTuple):
    """From the first instant of a day of a campaign on, until an instant."""

    first: date
    until: datetime
    ends_within: bool = True
    """Whether the day of its end is one of its days, however far that is; else it ends with the day before."""

    def before(self, days: int, zone: ZoneInfo) -> "Span":
        """The same, so many days earlier, by the clocks of the zone."""
        by = timedelta(days=days)
        return Span(self.first - by, (self.until.astimezone(zone) - by).astimezone(UTC), self.ends_within)


@dataclass(frozen=True, slots=True)
class Counts:
    """What figures are made of: a session, the measures of a product, and the sections by which rules are read."""

    session: Session
    sections: tuple[type[Section], ...]
    measures: Mapping[str, Measure]


def figures(
    books: Counts, campaign: LiveCampaign, span: Span, names: Iterable[str], channel: str | None = None
) -> dict[str, int]:
    """What the measures ``names`` came to in ``span``, at ``channel`` or at all.

    Whole days that were counted are read; the rest, such as today, is counted from the rows. What there is at an
    instant is told as of the end of the span, but for what nobody knows of the past: that is as of now.
    """
    asked = [books.measures[name] for name in names]
    zone = campaign.rules.zone
    last = local_day(span.until, zone)
    flows = [each for each in asked if _is_of_days(each)]
    balances = [each for each in asked if each.sum is Sum.BALANCE]
    bases = {each.name: books.measures[each.of] if each.of else each for each in balances}
    based = list(dict.fromkeys(bases.values()))
    alone = [each for each in asked if each.sum is Sum.STANDING or (each.sum is Sum.FLOW and not each.kept)]
    begin = _first_day(books, campaign, last)
    days = _by_day(books, campaign, flows, Days(span.first, last, begin), channel)
    begun = _by_day(books, campaign, based, Days(begin, last, begin), channel)
    today = _live(books, campaign, [*flows, *based], (start_of_day(last, zone), span.until), channel)
    if span.ends_within:
        days = {name: [*values, today[name]] for name, values in days.items()}
    found = {each.name: summed(each, days[each.name]) for each in flows}
    found |= _live(books, campaign, alone, (start_of_day(span.first, zone), span.until), channel)
    for each in balances:
        base = bases[each.name].name
        found[each.name] = (sum(begun[base]) + today[base]) * each.times(campaign.rules)
    return {each.name: found[each.name] for each in asked}


def each_day(
    books: Counts, campaign: LiveCampaign, span: Span, names: Iterable[str], channel: str | None = None
) -> dict[str, list[int]]:
    """What those of ``names`` that happen on days came to on each day of ``span``."""
    flows = [each for name in names if _is_of_days(each := books.measures[name])]
    last = local_day(span.until, campaign.rules.zone)
    days = _by_day(books, campaign, flows, Days(span.first, last, _first_day(books, campaign, last)), channel)
    if span.ends_within:
        begins = start_of_day(last, campaign.rules.zone)
        today = _live(books, campaign, flows, (begins, span.until), channel)
        days = {name: [*values, today[name]] for name, values in days.items()}
    return days


def _is_of_days(measure: Measure) -> bool:
    """Whether it happens on days, and those are kept."""
    return measure.sum in {Sum.FLOW, Sum.DISTINCT} and measure.kept


def summed(measure: Measure, values: Sequence[int]) -> int:
    """What the values of some days amount to."""
    return round(sum(values) / len(values)) if measure.sum is Sum.DISTINCT else sum(values)


class Days(NamedTuple):
    """Days from the first one on and before ``end``; before ``begin`` there was no campaign, so nothing is counted."""

    first: date
    end: date
    begin: date

    def each(self) -> list[date]:
        """All of them."""
        return [self.first + number * A_DAY for number in range((self.end - self.first).days)]


def _first_day(books: Counts, campaign: LiveCampaign, last: date) -> date:
    """The first day of which something is kept, or on which the campaign was published; the last one at most."""
    kept = books.session.scalar(select(func.min(MeasuredDay.day)).where(MeasuredDay.campaign_id == campaign.id))
    published = first_days(books.session, {campaign.id: campaign}).get(campaign.id)
    return min(filter(None, (kept, published, last)))


def _by_day(
    books: Counts, campaign: LiveCampaign, measures: Sequence[Measure], days: Days, channel: str | None
) -> dict[str, list[int]]:
    """The values of each day. A day that nobody has counted is counted."""
    first, end, begin = days
    wanted = days.each()
    found: dict[str, list[int]] = {each.name: [] for each in measures}
    if not wanted or not measures:
        return found
    its_days = (MeasuredDay.campaign_id == campaign.id, MeasuredDay.day >= first, MeasuredDay.day < end)
    there = set(books.session.scalars(select(MeasuredDay.day).where(*its_days)))
    kept = (DailyMeasure.campaign_id == campaign.id, DailyMeasure.day >= first, DailyMeasure.day < end)
    by_day = select(DailyMeasure.day, DailyMeasure.measure, func.sum(DailyMeasure.value)).where(
        *kept, DailyMeasure.measure.in_(list(found))
    )
    if channel is not None:
        by_day = by_day.where(DailyMeasure.channel == channel)
    values = {
        (day, name): int(value)
        for day, name, value in books.session.execute(by_day.group_by(DailyMeasure.day, DailyMeasure.measure))
    }
    zone = campaign.rules.zone
    for day in wanted:
        if day in there or day < begin:
            counted = {each.name: values.get((day, each.name), 0) for each in measures}
        else:
            counted = _live(
                books, campaign, measures, (start_of_day(day, zone), start_of_day(day + A_DAY, zone)), channel
            )
        for name, value in counted.items():
            found[name].append(value)
    return found


def _live(
    books: Counts,
    campaign: LiveCampaign,
    measures: Sequence[Measure],
    between: tuple[datetime, datetime],
    channel: str | None,
) -> dict[str, int]:
    """What the rows of a stretch of time say."""
    if not measures:
        return {}
    read = Period.of(books.session, books.sections, campaign.id, *between)
    period = replace(read, by_channel=channel is not None)
    counted = count_all(books.session, measures, period)
    return {name: _at(each, channel) for name, each in counted.items()}


def _at(counted: Mapping[str, Tally], channel: str | None) -> int:
    return sum(tally.value for where, tally in counted.items() if channel in {None, where})
