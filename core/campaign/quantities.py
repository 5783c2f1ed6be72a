"""The small quantities of a campaign file: points, odds, per cents, money, lengths of time and instants."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, PlainSerializer

_POINTS = re.compile(r"(\d+)\s+points?")
_PERCENT = re.compile(r"(\d+)\s*%")
_ODDS = re.compile(r"(\d+)\s*/\s*(\d+)")
_MONEY = re.compile(r"([\d.,]+)\s+([A-Z]{3})")
_SPAN = re.compile(r"(\d+)\s*(s|seconds?|m|minutes?|h|hours?|d|days?)")
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)\s+([A-Za-z_]+(?:/[A-Za-z0-9_+-]+)*)")
_AFTER = re.compile(r"(.+?)\s+after opening")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _said(value: object) -> str:
    return str(value).strip()


def _points(value: object) -> int:
    match = _POINTS.fullmatch(_said(value))
    if not match:
        raise ValueError("write it as a whole number of points, for example: 10 points")
    return int(match[1])


def _percent(value: object) -> int:
    match = _PERCENT.fullmatch(_said(value))
    if not match:
        raise ValueError("write it in whole per cent, for example: 10%")
    return int(match[1])


def _odds(value: object) -> Fraction:
    if isinstance(value, Fraction):
        return value
    match = _ODDS.fullmatch(_said(value))
    if not match or int(match[2]) == 0:
        raise ValueError("write odds as a fraction, for example: 1/200")
    odds = Fraction(int(match[1]), int(match[2]))
    if not 0 < odds <= 1:
        raise ValueError("odds lie above 0 and at most at 1/1")
    if odds.denominator > 10**9:
        raise ValueError("odds below one in 1000000000 are nobody's luck; use larger ones")
    return odds


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in hundredths of a currency: ``Money(299900, "CNY")`` is 2999 yuan."""

    cents: int
    currency: str

    def __str__(self) -> str:
        whole, rest = divmod(self.cents, 100)
        return f"{whole}.{rest:02} {self.currency}" if rest else f"{whole} {self.currency}"


def _money(value: object) -> Money:
    if isinstance(value, Money):
        return value
    match = _MONEY.fullmatch(_said(value))
    try:
        cents = Decimal(match[1].replace(",", "")) * 100 if match else None
    except InvalidOperation:
        cents = None
    if match is None or cents is None or cents != int(cents):
        raise ValueError("write money as an amount and a currency, for example: 2999 CNY or 0.01 CNY")
    return Money(int(cents), match[2])


def span(text: str) -> timedelta:
    """Read a length of time such as "90 days", "10m" or "24 hours". Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError("write a length of time such as 10m, 24 hours or 90 days")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2][0]])


def _span(value: object) -> timedelta:
    return value if isinstance(value, timedelta) else span(_said(value))


def _days(value: object) -> int:
    length = _span(value)
    if length % timedelta(days=1) or not length:
        raise ValueError("write whole days, for example: 365 days")
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
        raise ValueError(
            "write an instant with its zone, for example: 2026-12-01 00:00 Asia/Shanghai"
            " (or: at publication; or: 90 days after opening)"
        )
    try:
        local = datetime.fromisoformat(f"{match[1]} {match[2]}").replace(tzinfo=ZoneInfo(match[3]))
    except ZoneInfoNotFoundError:
        raise ValueError(f"{match[3]} is no time zone; use a name such as Asia/Shanghai or Europe/Berlin") from None
    return Moment(local.astimezone(UTC), match[3])


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(_said(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{value} is no time zone; use a name such as Asia/Shanghai or Europe/Berlin") from None


def _written(form: str) -> PlainSerializer:
    def write(value: object) -> str:
        return form.format(value)

    return PlainSerializer(write, return_type=str)


Points = Annotated[int, BeforeValidator(_points), _written("{} points")]
Percent = Annotated[int, BeforeValidator(_percent), _written("{}%")]
Odds = Annotated[Fraction, BeforeValidator(_odds), _written("{0.numerator}/{0.denominator}")]
MoneyField = Annotated[Money, BeforeValidator(_money), _written("{}")]
Days = Annotated[int, BeforeValidator(_days), _written("{} days")]
MomentField = Annotated[Moment, BeforeValidator(_moment), _written("{}")]
ZoneField = Annotated[ZoneInfo, BeforeValidator(_zone), _written("{}")]
