"""Instants and campaign days: everything about time that is not asking what time it is."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Returns the current instant, aware and in UTC. The composition root owns the only real one."""


def system_clock() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day on which ``instant`` falls in ``zone``."""
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of ``day`` in ``zone``, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def hour_number(instant: datetime) -> int:
    """Whole hours since 1970-01-01 UTC: the window in which wrong guesses are counted."""
    return int(instant.timestamp()) // 3600


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970-01-01 UTC."""
    return int(instant.timestamp() * 1000)
