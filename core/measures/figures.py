"""Figures: what measures came to over some days, from what is kept of the past and what today's rows say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.campaign.grammar import Section
from core.campaign.live import LiveCampaign
from core.campaign.published import read_rules
from core.campaign.rules import Rules
from core.measures.days import A_DAY
from core.measures.measure import Measure, Period, Sum, Tally, count_all
from core.models import CampaignVersion, DailyMeasure, MeasuredDay
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
    (told,) = figures_together(books, campaign, [(span, names)], channel)
    return told


def figures_together(
    books: Counts, campaign: LiveCampaign, asked: Sequence[tuple[Span, Iterable[str]]], channel: str | None = None
) -> list[dict[str, int]]:
    """What :func:`figures` tells of several spans that end together, each with its names.

    What they have in common is read and counted once.
    """
    rows, until = _Rows.of(books, campaign, channel), asked[0][0].until
    last = local_day(until, rows.zone)
    spans = [(span, [books.measures[name] for name in names]) for span, names in asked]
    since: dict[Measure, date] = {}
    for span, measures in spans:
        for each in measures:
            if each.sum is Sum.BALANCE:
                since[_base(books, each)] = rows.begin
            elif _is_of_days(each):
                since[each] = min(span.first, since.get(each, span.first))
    days, today = rows.by_day(since, last), rows.of_day(list(since), last, until)
    told: list[dict[str, int]] = []
    for span, measures in spans:
        alone = [each for each in measures if each.sum is not Sum.BALANCE and not _is_of_days(each)]
        found = rows.live(alone, start_of_day(span.first, rows.zone), until)
        for each in measures:
            if each.sum is Sum.BALANCE:
                base = _base(books, each).name
                begun = sum(days.get((day, base), 0) for day in _days(rows.begin, last))
                found[each.name] = (begun + today[base]) * each.times(campaign.rules)
            elif _is_of_days(each):
                found[each.name] = summed(each, _values(each, span, last, days, today))
        told.append({each.name: found[each.name] for each in measures})
    return told


def each_day(
    books: Counts, campaign: LiveCampaign, span: Span, names: Iterable[str], channel: str | None = None
) -> dict[str, list[int]]:
    """What those of ``names`` that happen on days came to on each day of ``span``."""
    rows, last = _Rows.of(books, campaign, channel), local_day(span.until, campaign.rules.zone)
    flows = [each for name in names if _is_of_days(each := books.measures[name])]
    days = rows.by_day(dict.fromkeys(flows, span.first), last)
    today = rows.of_day(flows, last, span.until)
    return {each.name: _values(each, span, last, days, today) for each in flows}


def _values(
    measure: Measure, span: Span, last: date, days: Mapping[tuple[date, str], int], today: Mapping[str, int]
) -> list[int]:
    values = [days.get((day, measure.name), 0) for day in _days(span.first, last)]
    return [*values, today[measure.name]] if span.ends_within else values


def _is_of_days(measure: Measure) -> bool:
    """Whether it happens on days, and those are kept."""
    return measure.sum in {Sum.FLOW, Sum.DISTINCT} and measure.kept


def summed(measure: Measure, values: Sequence[int]) -> int:
    """What the values of some days amount to."""
    return round(sum(values) / len(values)) if measure.sum is Sum.DISTINCT else sum(values)


def _base(books: Counts, balance: Measure) -> Measure:
    """The measure of which days are kept for it."""
    return books.measures[balance.of] if balance.of else balance


def _days(first: date, end: date) -> list[date]:
    return [first + number * A_DAY for number in range((end - first).days)]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a campaign, and what was counted of them, at ``channel`` or at all."""

    session: Session
    campaign_id: int
    zone: ZoneInfo
    versions: Mapping[int, Rules]
    begin: date
    """The day on which it was published first: of before there is nothing."""
    channel: str | None

    @classmethod
    def of(cls, books: Counts, campaign: LiveCampaign, channel: str | None) -> Self:
        """Those of ``campaign``. One query."""
        version, zone = CampaignVersion, campaign.rules.zone
        published = select(version.version, version.rules, version.published_at)
        found = books.session.execute(published.where(version.campaign_id == campaign.id)).all()
        versions = {number: read_rules(rules, books.sections) for number, rules, _ in found}
        begin = local_day(min(at for _, _, at in found), zone)
        return cls(books.session, campaign.id, zone, versions, begin, channel)

    def by_day(self, since: Mapping[Measure, date], end: date) -> dict[tuple[date, str], int]:
        """The values of all days before ``end``, of each measure since its own; what is 0 may be left out.

        A day that nobody has counted is counted.
        """
        first = max(min(since.values(), default=end), self.begin)
        if first >= end:
            return {}
        its_days = (MeasuredDay.campaign_id == self.campaign_id, MeasuredDay.day >= first, MeasuredDay.day < end)
        there = set(self.session.scalars(select(MeasuredDay.day).where(*its_days)))
        kept = (DailyMeasure.campaign_id == self.campaign_id, DailyMeasure.day >= first, DailyMeasure.day < end)
        summed = select(DailyMeasure.day, DailyMeasure.measure, func.sum(DailyMeasure.value)).where(
            *kept, DailyMeasure.measure.in_([each.name for each in since])
        )
        if self.channel is not None:
            summed = summed.where(DailyMeasure.channel == self.channel)
        by_day = self.session.execute(summed.group_by(DailyMeasure.day, DailyMeasure.measure))
        values = {(day, name): int(value) for day, name, value in by_day if day in there}
        for day in _days(first, end):
            if day not in there:
                measures = [each for each, its_first in since.items() if its_first <= day]
                counted = self.live(measures, start_of_day(day, self.zone), start_of_day(day + A_DAY, self.zone))
                values |= {(day, name): value for name, value in counted.items()}
        return values

    def of_day(self, measures: Sequence[Measure], day: date, until: datetime) -> dict[str, int]:
        """What the rows of a day say that was until then."""
        since = start_of_day(day, self.zone)
        return self.live(measures, since, until) if since < until else {each.name: 0 for each in measures}

    def live(self, measures: Sequence[Measure], since: datetime, until: datetime) -> dict[str, int]:
        """What the rows of a stretch of time say."""
        period = Period(self.campaign_id, self.versions, since, until, by_channel=self.channel is not None)
        counted = count_all(self.session, measures, period)
        return {name: _at(each, self.channel) for name, each in counted.items()}


def _at(counted: Mapping[str, Tally], channel: str | None) -> int:
    return sum(tally.value for where, tally in counted.items() if channel in {None, where})
