"""How instants, days, lengths of time, money and odds are said to players: as people say them, language by language.

What is said of one value is kept, by language: a turn pays for it once.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import match_skeleton, parse_pattern
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from babel.units import format_unit

from core.texts.languages import english_name, is_latin, locale, own_name

_KEPT = 4096
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_SHORT = timedelta(minutes=2)
"""Below this seconds are told."""
_SPACES = re.compile("[\u00a0\u202f]")
_WEEKDAY = re.compile("E+|c+")
_HUNDREDTHS = 100


class _Way(NamedTuple):
    """How dates are said in a language where that is not how the CLDR puts them together."""

    instant: str
    instant_of_year: str


_WAYS = {
    "zh": _Way("M月d日（ccc）HH:mm", "y年M月d日（ccc）HH:mm"),
    "en": _Way("EEEE d MMMM, HH:mm", "EEEE d MMMM y, HH:mm"),
}
_CURRENCIES = {("zh", "CNY"): "{}元", ("en", "CNY"): "¥{}"}
"""How people say what the CLDR, which thinks of all countries at once, says otherwise."""
_ODDS = {"zh": "{one}/{of}（{percent}）", "en": "{one} in {of} ({percent})"}
_ODDS_ONLY = {"zh": "{one}/{of}", "en": "{one} in {of}"}
_UNSPACED = frozenset({"zh", "ja", "th"})
"""Languages that leave no space between two lengths of time."""


@dataclass(frozen=True, slots=True)
class When:
    """An instant to the minute in a campaign's zone: the day of the week, and the year where it is not that of now."""

    at: datetime
    zone: ZoneInfo
    now: datetime

    def said(self, language: str) -> str:
        """It in ``language``: "Friday 4 December, 18:00"."""
        local = self.at.astimezone(self.zone)
        this_year = local.year == self.now.astimezone(self.zone).year
        return _instant(language, local.replace(second=0, microsecond=0, tzinfo=None), this_year)


@dataclass(frozen=True, slots=True)
class Day:
    """A day in a campaign's zone, and the year where it is not that of now."""

    at: datetime
    zone: ZoneInfo
    now: datetime

    def said(self, language: str) -> str:
        """It in ``language``: "4 Dec"."""
        local = self.at.astimezone(self.zone)
        noon = local.replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
        return _day(language, noon, local.year == self.now.astimezone(self.zone).year)


@dataclass(frozen=True, slots=True)
class Length:
    """A length of time in the largest unit that is whole."""

    span: timedelta

    def said(self, language: str) -> str:
        """It in ``language``: "10 minutes"."""
        return _length(language, int(self.span.total_seconds()))


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a time: in two units from an hour on, in minutes from two on, then in seconds.

    Never more than it is, and never less than a second.
    """

    span: timedelta

    def said(self, language: str) -> str:
        """It in ``language``: "1 hour 5 minutes"."""
        seconds = max(int(self.span.total_seconds()), 1)
        if seconds < _SHORT.total_seconds():
            return _unit(language, seconds, "second")
        first = next(place for place, (_, size) in enumerate(_UNITS) if seconds >= size)
        told = []
        for unit, size in _UNITS[first : min(first + 2, len(_UNITS) - 1)]:
            count, seconds = divmod(seconds, size)
            told += [_unit(language, count, unit)] if count else []
        return ("" if language in _UNSPACED else " ").join(told)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money, in hundredths of a currency."""

    cents: int
    currency: str

    def said(self, language: str) -> str:
        """It in ``language``: "€12.50", and without hundredths where there are none."""
        return _amount(language, self.cents, self.currency)


@dataclass(frozen=True, slots=True)
class Odds:
    """Odds as they are published: exactly."""

    odds: Fraction

    def said(self, language: str) -> str:
        """Them in ``language``: "1 in 20 (5%)", per cent where that says the very same."""
        return _odds(language, self.odds)


@dataclass(frozen=True, slots=True)
class Percent:
    """A share in per cent, to three figures."""

    share: Fraction

    def said(self, language: str) -> str:
        """It in ``language``: "5.5%"."""
        return _percent(language, self.share)


@dataclass(frozen=True, slots=True)
class Languages:
    """Languages, by their names."""

    each: Sequence[str]

    def said(self, language: str) -> str:
        """Their names in ``language``: "Chinese and Vietnamese"."""
        names = [str(locale(each).get_language_name(locale(language)) or own_name(each)) for each in self.each]
        return format_list(names, locale=locale(language))


@dataclass(frozen=True, slots=True)
class OtherLanguages:
    """Those of several languages that are not the reader's, each by a name that can be typed on the reader's phone."""

    each: Sequence[str]

    def said(self, language: str) -> str:
        """Their names: "English、Tiếng Việt" for Chinese, in capitals like other words on a Latin keyboard."""
        others = [each for each in self.each if each != language]
        if not is_latin(language):
            return ("、" if language == "zh" else ", ").join(map(own_name, others))
        return ", ".join((own_name(each) if is_latin(each) else english_name(each)).upper() for each in others)


def to_the_minute(at: datetime, zone: ZoneInfo) -> str:
    """An instant as lists of operators have it: 2026-12-04 18:00, in the campaign's zone."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def to_the_second(at: datetime, zone: ZoneInfo) -> str:
    """The same to the second."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


@lru_cache(maxsize=_KEPT)
def _instant(language: str, local: datetime, this_year: bool) -> str:  # noqa: FBT001  # a key of what is kept
    way = _ways(language)
    return _spaced(parse_pattern(way.instant if this_year else way.instant_of_year).apply(local, locale(language)))


@cache
def _ways(language: str) -> _Way:
    if language in _WAYS:
        return _WAYS[language]
    return _Way(*(f"{_pattern(language, each)}, HH:mm" for each in ("MMMMEd", "yMMMMEEEEd")))


def _pattern(language: str, skeleton: str) -> str:
    """How the CLDR of ``language`` writes the fields of ``skeleton``, or of the nearest that it knows; days whole."""
    known = locale(language).datetime_skeletons
    near = skeleton if skeleton in known else match_skeleton(skeleton, known) or "yMMMd"
    return _WEEKDAY.sub("EEEE", str(known[near]))


@lru_cache(maxsize=_KEPT)
def _day(language: str, local: datetime, this_year: bool) -> str:  # noqa: FBT001  # a key of what is kept
    pattern = _pattern(language, "MMMd" if this_year else "yMMMd")
    return _spaced(parse_pattern(pattern).apply(local, locale(language)))


@lru_cache(maxsize=_KEPT)
def _length(language: str, seconds: int) -> str:
    unit, size = next(each for each in _UNITS if seconds % each[1] == 0)
    return _unit(language, seconds // size, unit)


@lru_cache(maxsize=_KEPT)
def _unit(language: str, count: int, unit: str) -> str:
    return _spaced(format_unit(count, unit, "long", locale=locale(language))).replace("秒钟", "秒")


@lru_cache(maxsize=_KEPT)
def _amount(language: str, cents: int, currency: str) -> str:
    amount = Decimal(cents) / _HUNDREDTHS
    whole, spoken = cents % _HUNDREDTHS == 0, locale(language)
    if (own := _CURRENCIES.get((language, currency))) is not None:
        digits = "0" if language == "zh" else "#,##0"
        return own.format(format_decimal(amount, digits if whole else f"{digits}.00", locale=spoken))
    pattern = spoken.currency_formats["standard"].pattern
    pattern = re.sub(r"\.0+", "", pattern) if whole else pattern
    return _spaced(format_currency(amount, currency, pattern, locale=spoken, currency_digits=not whole))


@lru_cache(maxsize=_KEPT)
def _odds(language: str, odds: Fraction) -> str:
    one, of = (
        str(each) if language == "zh" else _spaced(format_decimal(each, locale=locale(language)))
        for each in (odds.numerator, odds.denominator)
    )
    exact = (odds * 100_000).denominator == 1
    form = _ODDS.get(language, "{one}/{of} ({percent})") if exact else _ODDS_ONLY.get(language, "{one}/{of}")
    return form.format(one=one, of=of, percent=_percent(language, odds))


@lru_cache(maxsize=_KEPT)
def _percent(language: str, share: Fraction) -> str:
    exact = Decimal(share.numerator) / Decimal(share.denominator)
    return _spaced(format_percent(exact, "@##%", locale=locale(language)))


def _spaced(text: str) -> str:
    """With plain spaces: the others make a short message dearer."""
    return _SPACES.sub(" ", text)
