"""How instants, days, lengths of time and odds are written for players."""

from datetime import datetime, timedelta
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


def length(span: timedelta) -> dict[str, str]:
    """A length of time in the largest unit that is whole, by language."""
    seconds = int(span.total_seconds())
    units = ((86_400, "天", "day"), (3_600, "小时", "hour"), (60, "分钟", "minute"), (1, "秒", "second"))
    size, zh, en = next(unit for unit in units if seconds % unit[0] == 0)
    count = seconds // size
    return {"zh": f"{count} {zh}", "en": f"{count} {en}" + "s" * (count != 1)}


def to_the_second(at: datetime, zone: ZoneInfo) -> str:
    """An instant to the second, in the campaign's zone."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def left(span: timedelta) -> dict[str, str]:
    """A length of time in its two largest units, by language: never more than it is, and never less than a second."""
    seconds = max(int(span.total_seconds()), 1)
    units = ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分", "min"), (1, "秒", "s"))
    first = next(place for place, (size, _, _) in enumerate(units) if seconds >= size)
    parts = []
    for size, zh, en in units[first : first + 2]:
        count, seconds = divmod(seconds, size)
        parts += [(f"{count} {zh}", f"{count} {en}")] if count else []
    zh = " ".join(zh for zh, _ in parts)
    alone = f"{zh}钟" if zh.endswith("分") else zh  # minutes alone would be points
    return {"zh": alone, "en": " ".join(en for _, en in parts)}
