"""The small quantities of a campaign file: points, odds, per cents, money, lengths of time and instants."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from core.answers import Line
from core.campaign.findings import Unfit, meant, remedy
from core.spelling import nearest

_POINTS = re.compile(r"(\d+)\s+points?")
_PERCENT = re.compile(r"(\d+)\s*%")
_ODDS = re.compile(r"(\d+)\s*/\s*(\d+)")
_MONEY = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(\.\d{1,2})?\s+([A-Z]{3})")
SPAN_PATTERN = r"(\d+)\s*(s|seconds?|m|minutes?|h|hours?|d|days?)"
"""A length of time, as JSON Schema and Python read it."""
_SPAN = re.compile(SPAN_PATTERN)
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)\s+([A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)")
_AFTER = re.compile(r"(.+?)\s+after opening")
_REGION = re.compile(r"[A-Z]{2}")
_YUAN_TOO = {"RMB", "CNH"}
# More than these is a slip of the finger, and would not fit where sums of them are kept.
_MOST_POINTS = 10**9
_MOST_PERCENT = 10**6
_MOST_CENTS = 10**14
_MOST_DAYS = 36_500
_LAST_YEAR = 2200
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _said(value: object) -> str:
    return str(value).strip()


def _within(number: int, most: int, what: str) -> int:
    if number > most:
        raise Unfit("more than {most} {what} is a slip of the finger; give less", most=most, what=remedy(what))
    return number


def _points(value: object) -> int:
    match = _POINTS.fullmatch(_said(value))
    if not match:
        near = _slightly(r"(\d+)(?:\s*(?:p|pt|pts|分|积分))?", value, r"\1 points")
        raise Unfit("write it as a whole number of points, for example: 10 points{meant}", meant=near)
    return _within(int(match[1]), _MOST_POINTS, "points")


def _percent(value: object) -> int:
    match = _PERCENT.fullmatch(_said(value))
    if not match:
        near = _slightly(r"(\d+)(?:\s*(?:per ?cent|percent|％))?", value, r"\1%")
        raise Unfit("write it in whole per cent, for example: 10%{meant}", meant=near)
    return _within(int(match[1]), _MOST_PERCENT, "per cent")


def _odds(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    match = _ODDS.fullmatch(_said(value))
    if not match or int(match[2]) == 0:
        percent = re.fullmatch(r"(\d{1,3}(?:\.\d{1,9})?)\s*[%％]|0?(\.\d{1,9})", _said(value))
        share = Fraction(percent[1]) / 100 if percent and percent[1] else Fraction(percent[2] if percent else 0)
        near = _asked(f"{share.numerator}/{share.denominator}") if 0 < share <= 1 else remedy("")
        raise Unfit("write odds as a fraction, for example: 1/200{meant}", meant=near)
    odds = Fraction(int(match[1]), int(match[2]))
    if not 0 < odds <= 1:
        raise Unfit("odds lie above 0 and at most at 1/1")
    if odds.denominator > 10**9:
        raise Unfit("odds below one in 1000000000 are nobody's luck; use larger ones")
    return odds


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in hundredths of a currency: ``Money(299900, "CNY")`` is 2999 yuan."""

    cents: int
    currency: str

    def __str__(self) -> str:
        whole, rest = divmod(self.cents, 100)
        return f"{whole}.{rest:02} {self.currency}" if rest else f"{whole} {self.currency}"


_SIGNS = {"¥": "CNY", "￥": "CNY", "元": "CNY", "yuan": "CNY", "块": "CNY", "$": "USD", "€": "EUR", "£": "GBP"}


def _money_meant(said: str) -> Line:
    """Ask for the currency that a sign stands for."""
    amount = re.search(r"\d+(?:\.\d{1,2})?", said)
    rest = said.replace(amount[0], "").strip().casefold() if amount else ""
    currency = _SIGNS.get(rest) or (rest.upper() if re.fullmatch(r"[a-z]{3}", rest) else None)
    return _asked(f"{amount[0]} {currency}") if amount and currency else remedy("")


def _asked(meant_by_it: str) -> Line:
    return meant(meant_by_it, [meant_by_it])


def _slightly(pattern: str, value: object, instead: str) -> Line:
    """Ask for ``instead`` where the value is nearly that."""
    found = re.fullmatch(pattern, _said(value))
    return _asked(found.expand(instead)) if found else remedy("")


def _money(value: object) -> Money:
    if isinstance(value, Money):
        return value
    match = _MONEY.fullmatch(_said(value))
    if match is None:
        written = "write money as an amount and a currency, for example: 2999 CNY or 0.01 CNY{meant}"
        raise Unfit(written, meant=_money_meant(_said(value)))
    if match[3] in _YUAN_TOO:
        raise Unfit("{currency} is written CNY here, so that the limits of the law are seen", currency=match[3])
    cents = int(Decimal(match[1].replace(",", "") + (match[2] or "")) * 100)
    return Money(_within(cents, _MOST_CENTS, "money"), match[3])


def span(text: str) -> timedelta:
    """Read a length of time such as "90 days", "10m" or "24 hours". Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise Unfit("write a length of time such as 10m, 24 hours or 90 days")
    seconds = int(match[1]) * _SECONDS[match[2][0]]
    return timedelta(seconds=_within(seconds, _MOST_DAYS * _SECONDS["d"], "seconds (100 years)"))


def _span(value: object) -> timedelta:
    return value if isinstance(value, timedelta) else span(_said(value))


def _seconds(length: timedelta) -> str:
    return f"{int(length.total_seconds())}s"


def _days(value: object) -> int:
    if re.fullmatch(r"\d+", _said(value)):
        raise Unfit("write whole days, for example: 365 days{meant}", meant=_asked(f"{_said(value)} days"))
    length = _span(value)
    if length % timedelta(days=1) or not length:
        raise Unfit("write whole days, for example: 365 days{meant}", meant=remedy(""))
    return length.days


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant as a campaign file gives it: absolute, or counted from publication or from the opening."""

    at: datetime | None = None
    zone: str | None = None
    after_opening: timedelta | None = None

    def resolve(self, published_at: datetime, opens_at: datetime | None = None) -> datetime:
        """The instant in UTC. Without ``opens_at``, "after opening" counts from the publication."""
        if self.at is not None:
            return self.at
        return (opens_at or published_at) + (self.after_opening or timedelta())

    def __str__(self) -> str:
        if self.at is not None and self.zone is not None:
            return f"{self.at.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M:%S} {self.zone}"
        if self.after_opening is not None:
            return f"{int(self.after_opening.total_seconds())}s after opening"
        return "at publication"


def _moment_meant(said: str) -> Line:
    """Ask for one of the forms where a word of it has a slip."""
    if nearest(said, ["at publication"]):
        return _asked("at publication")
    found = re.fullmatch(rf"({SPAN_PATTERN})\s+(\S+.*)", said)
    return _asked(f"{found[1]} after opening") if found and nearest(found[4], ["after opening"], 0.5) else remedy("")


def clock_trouble(said: str) -> Line | None:
    """What is wrong with an instant that a change of the clocks leaves out or brings twice; None where nothing is."""
    match = _INSTANT.fullmatch(said.strip())
    if match is None:
        return None
    zone = ZoneInfo(match[3])
    first = datetime.fromisoformat(f"{match[1]} {match[2]}").replace(tzinfo=zone)
    earlier, later = (first.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if earlier == later:
        return None
    if earlier > later:  # PEP 495: within a gap the two are the other way round
        after = earlier.astimezone(zone)
        skipped = "{time} does not come in {zone} on that day: the clocks go forward over it; write {after}"
        return remedy(skipped, time=match[2], zone=match[3], after=f"{after:%H:%M}")
    twice = "{time} comes twice in {zone} on that day, as the clocks go back; write {first} or {second}"
    each = (f"{one:%Y-%m-%d %H:%M} UTC" for one in (earlier, later))
    return remedy(twice, time=match[2], zone=match[3], first=next(each), second=next(each))


def _moment(value: object) -> Moment:
    if isinstance(value, Moment):
        return value
    text = _said(value)
    if text == "at publication":
        return Moment()
    if match := _AFTER.fullmatch(text):
        return Moment(after_opening=span(match[1]))
    match = _INSTANT.fullmatch(text)
    if not match:
        raise Unfit(
            "write an instant with its zone, for example: 2026-12-01 00:00 Asia/Shanghai"
            " (or: at publication; or: 90 days after opening){meant}",
            meant=_moment_meant(text),
        )
    zone = _zone(match[3])
    try:
        local = datetime.fromisoformat(f"{match[1]} {match[2]}").replace(tzinfo=zone)
    except ValueError:
        never = "there is no such day or time: {instant}; look at the calendar"
        raise Unfit(never, instant=f"{match[1]} {match[2]}") from None
    if local.year > _LAST_YEAR:
        raise Unfit("a campaign ends by the year {year}", year=_LAST_YEAR)
    return Moment(local.astimezone(UTC), match[3])


_CALLED = {
    **dict.fromkeys(("beijing", "peking", "china", "北京", "上海", "中国", "cst", "utc+8", "gmt+8"), "Asia/Shanghai"),
    **dict.fromkeys(("munich", "münchen", "cologne", "hamburg", "frankfurt", "cet"), "Europe/Berlin"),
    **dict.fromkeys(("hongkong", "香港"), "Asia/Hong_Kong"),
}
"""Zones by what people call them, where the table of zones does not."""


def _zone_meant(said: str) -> str | None:
    """The zone that was probably meant. Those of Etc/ are never: their signs are the other way round."""
    zones = [each for each in sorted(available_timezones()) if "/" in each and not each.startswith("Etc/")]
    plain = re.sub(r"\s+", "_", said.casefold().rpartition("/")[2])
    by_place = {each.casefold().rpartition("/")[2]: each for each in zones}
    found = by_place.get(plain) or _CALLED.get(plain) or nearest(said, zones, 0.9)
    near = found or nearest(plain, by_place, 0.8)
    return by_place.get(near, near) if near else None


def is_named_zone(zone: str) -> bool:
    """Whether ``zone`` means the same on each machine: not what it is set to, and no file beside the table of zones."""
    return zone not in {"localtime", "posixrules", "Factory"} and not zone.startswith(("posix/", "right/"))


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(_said(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = _zone_meant(_said(value))
        sentence = "{zone} is no time zone{meant}; use a name such as Asia/Shanghai or Europe/Berlin"
        raise Unfit(sentence, zone=_said(value), meant=meant(near, [near]) if near else remedy("")) from None


def _region(value: object) -> str:
    region = _said(value)
    if not _REGION.fullmatch(region):
        raise Unfit("write the country as two capital letters, for example: CN")
    return region


def _written(form: str) -> PlainSerializer:
    def write(value: object) -> str:
        return form.format(value)

    return PlainSerializer(write, return_type=str)


def _text(title: str, pattern: str | None, *examples: str, **more: object) -> WithJsonSchema:
    """What JSON Schema says of a text of this kind; blanks around it are nothing."""
    spelt = {} if pattern is None else {"pattern": rf"^\s*{pattern}\s*$"}
    return WithJsonSchema({"type": "string", "title": title, **spelt, **more, "examples": list(examples)})


_MOMENTS = [
    {"const": "at publication", "title": "at publication"},
    {"pattern": rf"^\s*{SPAN_PATTERN}\s+after opening\s*$", "title": "so long after opening"},
    {"pattern": rf"^\s*{_INSTANT.pattern}\s*$", "title": "a day, a time and a zone"},
]
Points = Annotated[int, BeforeValidator(_points), _written("{} points"), _text("points", _POINTS.pattern, "10 points")]
Percent = Annotated[int, BeforeValidator(_percent), _written("{}%"), _text("per cent", _PERCENT.pattern, "10%")]
Odds = Annotated[
    Fraction,
    BeforeValidator(_odds),
    _written("{0.numerator}/{0.denominator}"),
    _text("odds", r"\d+\s*/\s*0*[1-9]\d*", "1/20"),
]
MoneyField = Annotated[
    Money, BeforeValidator(_money), _written("{}"), _text("amount of money", _MONEY.pattern, "2999 CNY", "0.01 CNY")
]
Span = Annotated[
    timedelta,
    BeforeValidator(_span),
    PlainSerializer(_seconds, return_type=str),
    _text("length of time", SPAN_PATTERN, "10m", "24 hours", "30 days"),
]
Days = Annotated[int, BeforeValidator(_days), _written("{} days"), _text("days", SPAN_PATTERN, "365 days")]
MomentField = Annotated[
    Moment,
    BeforeValidator(_moment),
    _written("{}"),
    _text("instant", None, "at publication", "90 days after opening", "2026-12-01 00:00 Asia/Shanghai", anyOf=_MOMENTS),
]
ZoneField = Annotated[
    ZoneInfo,
    BeforeValidator(_zone),
    _written("{}"),
    _text("time zone", r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", "Asia/Shanghai", "Europe/Berlin", "UTC"),
]
Region = Annotated[str, BeforeValidator(_region), _text("country", _REGION.pattern, "CN", "GB")]
