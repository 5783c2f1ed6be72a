"""Comparison: what a campaign came to in a stretch of time, in all and day by day, beside the same stretch before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

from core.campaign.live import LiveCampaign
from core.campaign.rules import Rules
from core.measures.days import A_DAY
from core.measures.figures import Counts, Span, each_day, figures, summed
from core.measures.measure import Measure, Unit
from core.times import local_day, start_of_day

LINES = (
    "players joined",
    "active players",
    "codes redeemed",
    "prizes won",
    "points given",
    "friends brought in",
    "torches lit",
    "gifts bought",
    "claims delivered",
    "messages heard",
    "texts sent",
    "cost of texts",
    "opted out",
)
"""What is told, as far as a campaign has it: the first eight."""
MOST_LINES = 8

Stretch = Literal["day", "yesterday", "week", "month", "since"]
_DAYS: dict[Stretch, int] = {"day": 7, "yesterday": 7, "week": 7, "month": 28}
"""Days of which each is told. Whole weeks, so that they are the same days of the week as those before."""
FEW = 20
"""A change of fewer than these is told by its number, as a per cent of it says nothing."""
_WHOLE = 100
_LAST_ALONE = frozenset[Stretch]({"day", "yesterday"})
"""Of these the last day is what is told in all, and those before it show where it stands."""


class Asked(NamedTuple):
    """What is compared: which campaign, in which stretch of time as of ``at``, at which channel or at all."""

    campaign_id: int
    stretch: Stretch
    channel: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Compared:
    """What one measure came to; ``before`` is None where nothing is compared.

    Days are told of what happens on days; of what only is there at an instant there are none.
    """

    measure: Measure
    now: int
    before: int | None
    days: Sequence[int] = ()
    days_before: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a campaign came to in all its lines, and the days of which they are told."""

    rules: Rules
    asked: Asked
    first: date
    """The first of the days that are told; each line has as many from there on."""
    is_open: bool
    """Whether the last of them is not over."""
    lines: Sequence[Compared]


def compare(books: Counts, campaign: LiveCampaign, asked: Asked) -> Comparison:
    """What ``campaign`` came to, as it was asked."""
    told = [books.measures[name] for name in LINES if books.measures[name].told(campaign.rules)]
    shown = [each for each in told if asked.channel is None or each.by_channel][:MOST_LINES]
    days, whole = _spans(campaign, asked)
    now, before = _figures(books, campaign, asked, shown, (days, whole)), None
    if length := _DAYS.get(asked.stretch):
        earlier = (days.before(length, campaign.rules.zone), whole.before(length, campaign.rules.zone))
        before = _figures(books, campaign, asked, shown, earlier)
    lines = [
        Compared(
            each,
            now.totals[each.name],
            None if before is None else before.totals[each.name],
            now.days.get(each.name, ()),
            () if before is None else before.days.get(each.name, ()),
        )
        for each in shown
    ]
    return Comparison(campaign.rules, asked, days.first, days.ends_within, lines)


class _Figures(NamedTuple):
    totals: Mapping[str, int]
    days: Mapping[str, Sequence[int]]


def _figures(
    books: Counts, campaign: LiveCampaign, asked: Asked, shown: Sequence[Measure], spans: tuple[Span, Span]
) -> _Figures:
    """What each of ``shown`` came to in the second span, and on each day of the first, which ends with it."""
    days, whole = spans
    found = each_day(books, campaign, days, [each.name for each in shown], asked.channel)
    told = slice(-1, None) if asked.stretch in _LAST_ALONE else slice(None)
    totals = {each.name: summed(each, found[each.name][told]) for each in shown if each.name in found}
    others = [each.name for each in shown if each.name not in found]
    if others:
        totals |= figures(books, campaign, whole, others, asked.channel)
    return _Figures(totals, found)


def _spans(campaign: LiveCampaign, asked: Asked) -> tuple[Span, Span]:
    """The days that are told, and the stretch that is told in all."""
    zone = campaign.rules.zone
    last, until, ends_within = local_day(asked.at, zone), asked.at, True
    if asked.stretch == "yesterday":
        last, until, ends_within = last - A_DAY, start_of_day(last, zone), False
    length = _DAYS.get(asked.stretch)
    opened = local_day(campaign.published.opens_at, zone)
    first = min(opened, last) if length is None else last - (length - 1) * A_DAY
    days = Span(first, until, ends_within)
    return days, days._replace(first=last) if asked.stretch in _LAST_ALONE else days


def shown(measure: Measure, rules: Rules, value: int) -> int | str:
    """A value as people read it; money with its currency, where the file names one."""
    if measure.unit in {Unit.COUNT, Unit.POINTS}:
        return value
    money = rules.points.worth or rules.budget
    cents = value if measure.unit is Unit.CENTS else round(value / 10_000)
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // _WHOLE}.{abs(cents) % _WHOLE:02} {money.currency if money else ''}".rstrip()


def change(measure: Measure, rules: Rules, now: int, before: int) -> str:
    """By how much it is more or less than before: in per cent where that says something."""
    if now == before:
        return "="
    arrow, by = ("▲" if now > before else "▼"), abs(now - before)
    if abs(before) < FEW:
        return f"{arrow} {shown(measure, rules, by)}"
    return f"{arrow} {by * _WHOLE / abs(before):.0f} %"
