"""Stretches of time as segments say them: so long ago, on a day, since the opening; all by one instant and one zone."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.segments.facts import ALWAYS, Between
from core.segments.words import Asked

_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_DAYS = {"day": 1, "week": 7}
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Edge:
    """An instant that a segment names: so long ago, at a local time, on today or a day before, or at the opening."""

    ago: tuple[int, str] | None = None
    """So many of a unit before the instant at which it is asked."""
    local: datetime | None = None
    """In the campaign's zone; without a time of day it is the whole day."""
    whole_day: bool = False
    days_ago: int | None = None
    """The whole day so many days before today."""

    def begins(self, asked: Asked) -> datetime:
        """The first instant of it."""
        return self._instant(asked, 0)

    def ends(self, asked: Asked) -> datetime:
        """The first instant after it."""
        is_day = self.whole_day or self.days_ago is not None
        return self._instant(asked, 1) if is_day else self._instant(asked, 0) + _INSTANT

    def _instant(self, asked: Asked, days: int) -> datetime:
        zone = asked.rules.zone
        if self.local is not None:
            return (self.local + timedelta(days=days)).replace(tzinfo=zone).astimezone(UTC)
        if self.days_ago is not None:
            today = asked.at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
            return (today + timedelta(days=days - self.days_ago)).replace(tzinfo=zone).astimezone(UTC)
        if self.ago is not None:
            return _ago(asked, *self.ago)
        return asked.rules.opens.resolve(asked.at)


def _ago(asked: Asked, count: int, unit: str) -> datetime:
    """By the clock on the wall where it is days and more, so that a day is one though the clocks were changed."""
    if unit in _LENGTHS:
        return asked.at - count * _LENGTHS[unit]
    local = asked.at.astimezone(asked.rules.zone)
    naive = local.replace(tzinfo=None, fold=0)
    if unit in _DAYS:
        before = naive - timedelta(days=count * _DAYS[unit])
    else:
        month = naive.year * 12 + naive.month - 1 - count
        year, month = month // 12, month % 12 + 1
        before = naive.replace(year=year, month=month, day=min(naive.day, calendar.monthrange(year, month)[1]))
    return before.replace(tzinfo=asked.rules.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class When:
    """A stretch of time; without an edge it has no such end."""

    since: Edge | None = None
    until: Edge | None = None
    after: bool = False
    """Whether it begins after its first edge instead of with it."""
    through: bool = False
    """Whether it ends after its last edge instead of before it."""

    def between(self, asked: Asked) -> Between:
        """The stretch by the instant and the zone in which it is asked."""
        since = until = None
        if self.since is not None:
            since = self.since.ends(asked) if self.after else self.since.begins(asked)
        if self.until is not None:
            until = self.until.ends(asked) if self.through else self.until.begins(asked)
        return Between(since, until)


def all_of(each: Sequence[When], asked: Asked) -> Between:
    """What lies in all of these stretches."""
    found = [one.between(asked) for one in each]
    if not found:
        return ALWAYS
    sinces = [one.since for one in found if one.since is not None]
    untils = [one.until for one in found if one.until is not None]
    return Between(max(sinces, default=None), min(untils, default=None))
