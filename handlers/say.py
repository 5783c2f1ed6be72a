"""How instants, days and odds are written for players."""

from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo


def when(at: datetime, zone: ZoneInfo) -> str:
    """An instant to the minute, in the campaign's zone."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """A day in the campaign's zone."""
    return f"{at.astimezone(zone):%Y-%m-%d}"


def odds(value: Fraction) -> str:
    """Odds as they are published."""
    return f"{value.numerator}/{value.denominator}"
