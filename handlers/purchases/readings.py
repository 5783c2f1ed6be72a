"""Instants, amounts and quantities as tills and people write them; each is read whole, or refused with what to do."""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.answers import ArgumentName, Verbatim, VerbName
from core.operators import VerbRefused
from handlers.purchases.receipts import MILLI

MOST_CENTS = 10**14
_MOST_MILLI = 10**12
_EARLIEST = 1990
_CENTURY = 100
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")
_DAY_NAMED = re.compile(r"(\d{1,2})[ .-]+([A-Za-z]{3,9})\.?[ ,-]+(\d{4}|\d{2})")
_MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})")
_CLOCK = re.compile(
    r"(上午|下午|晚上|早上|中午)?\s*(\d{1,2})\s*[:时點点]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2})(?:\.\d+)?)?\s*[分秒]?\s*([ap])?\.?(?:m\.?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(Z|UTC|GMT|[+-]\d\d:?\d\d)$", re.IGNORECASE)
_AFTER_NOON = {"下午", "晚上", "p"}
_NOON, _HALF_A_DAY = "中午", 12
_AMOUNT = re.compile(r"(-|\()?\s*(\d[\d.,' ]*)\s*\)?")
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_SIGNS = {"¥": {"CNY", "JPY"}, "元": {"CNY"}, "圆": {"CNY"}, "€": {"EUR"}, "£": {"GBP"}, "块": {"CNY"}}
_YUAN = {"RMB", "CNH"}
_FLOAT_DUST = Decimal("0.000001")


def _half_width(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text.replace("¥", "\N{FULLWIDTH YEN SIGN}"))


def _no_instant(text: str) -> VerbRefused:
    return VerbRefused("“{text}” is no day that is known here; write it as 2026-11-28 14:05", text=text[:40])


def is_ambiguous(text: str) -> tuple[int, int] | None:
    """The first two numbers of a day whose month may be either; None for any other text."""
    found = _YEAR_LAST.match(_half_width(text).strip())
    return (int(found[1]), int(found[3])) if found and found[2] != "." else None


@lru_cache(maxsize=4096)
def _day(text: str, day_first: bool | None) -> tuple[date, str]:  # noqa: FBT001  # a cached function
    """The day with which ``text`` begins, and what stands behind it."""
    year = month = day = 0
    found = _YEAR_FIRST.match(text)
    if found:
        year, month, day = map(int, found.groups())
    elif found := _YEAR_LAST.match(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        day_leads = found[2] == "." or day_first
        if day_leads is None:
            if first <= 12 and second <= 12 and first != second:  # noqa: PLR2004  # months
                told = "“{text}” can be two days; say which number comes first: {option}"
                raise VerbRefused(told, text=text[:40], option=ArgumentName("dates="))
            day_leads = first > 12  # noqa: PLR2004  # months
        day, month = (first, second) if day_leads else (second, first)
    elif found := _DAY_NAMED.match(text):
        day, month, year = int(found[1]), _month(found[2]), int(found[3])
    elif found := _MONTH_NAMED.match(text):
        day, month, year = int(found[2]), _month(found[1]), int(found[3])
    elif found := _DIGITS.fullmatch(text):
        clock = f"{found[4]}:{found[5]}:{found[6] or '00'}" if found[4] else ""
        return _made(text, int(found[1]), int(found[2]), int(found[3])), clock
    if found is None:
        raise _no_instant(text)
    return _made(text, year + 2000 if year < _CENTURY else year, month, day), text[found.end() :].lstrip("T ,")


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].casefold()) + 1 if name[:3].casefold() in _MONTHS else 0


def _made(text: str, year: int, month: int, day: int) -> date:
    try:
        made = date(year, month, day)
    except ValueError:
        raise _no_instant(text) from None
    if made.year < _EARLIEST:
        raise _no_instant(text)
    return made


def _clock(text: str, said: str) -> time:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise _no_instant(said)
    half, hour = found[1] or (found[5] or "").casefold(), int(found[2])
    if half in _AFTER_NOON or (half == _NOON and hour < 10):  # noqa: PLR2004  # 中午 1 点 is after noon, 11 before
        hour = hour if hour >= _HALF_A_DAY else hour + _HALF_A_DAY
    elif half == "a" and hour == _HALF_A_DAY:
        hour = 0
    try:
        return time(hour, int(found[3]), int(found[4] or 0))
    except ValueError:
        raise _no_instant(said) from None


def read_instant(text: str, clock: str, zone: ZoneInfo, now: datetime, *, day_first: bool | None) -> datetime:
    """The instant in UTC that ``text`` says, with ``clock`` where the time of day stands apart.

    It is in ``zone`` unless it says another one; a day alone is its noon. Raises VerbRefused for what is none, can be
    two, or lies more than a day ahead.
    """
    said = _half_width(text).strip()
    offset = _OFFSET.search(said) if ":" in said else None
    day, rest = _day(said[: offset.start()].rstrip() if offset else said, day_first)
    at = rest or _half_width(clock).strip()
    local = datetime.combine(day, _clock(at, said) if at else time(_HALF_A_DAY))
    if offset:
        written = offset[1].upper()
        found = local.replace(tzinfo=UTC) - (timedelta() if written[0] in "ZUG" else _offset(written))
    else:
        found = local.replace(tzinfo=zone).astimezone(UTC)
        if found.astimezone(zone).replace(tzinfo=None) != local:
            never = "“{text}” does not come in {zone}: the clocks go forward over it"
            raise VerbRefused(never, text=said[:40], zone=Verbatim(zone.key))
    if found > now + timedelta(days=1):
        raise VerbRefused("“{text}” has not come yet", text=said[:40])
    return found


def _offset(written: str) -> timedelta:
    length = timedelta(hours=int(written[1:3]), minutes=int(written[-2:]))
    return -length if written[0] == "-" else length


@lru_cache(maxsize=4096)
def read_amount(text: str, currency: str) -> int:
    """An amount in hundredths of ``currency``. Raises VerbRefused for what is none, is negative, or is in another."""
    said = _half_width(text).strip()
    for code in _CODE.findall(said):
        if (code in _YUAN and currency != "CNY") or (code not in _YUAN and code != currency):
            raise VerbRefused("“{text}” is not in {currency}", text=text[:40], currency=currency)
    if any(sign in said and currency not in able for sign, able in _SIGNS.items()):
        raise VerbRefused("“{text}” is not in {currency}", text=text[:40], currency=currency)
    bare = re.sub(r"[A-Za-z$¥€£元圆块]|人民币", "", said).strip()
    found = _AMOUNT.fullmatch(bare)
    if found is None:
        raise VerbRefused("“{text}” is no amount; write it as 12.50", text=text[:40])
    value = _decimal(found[2], text)
    if (found[1] or "-" in bare) and value:
        told = "“{text}” is negative; leave the row out, and give back what was paid with {verb}"
        raise VerbRefused(told, text=text[:40], verb=VerbName("purchases refund"))
    cents = value * 100
    if abs(cents - round(cents)) > _FLOAT_DUST:
        raise VerbRefused("“{text}” has more than two decimals; write it as 12.50", text=text[:40])
    if cents > MOST_CENTS:
        raise VerbRefused("“{text}” is no amount; write it as 12.50", text=text[:40])
    return round(cents)


def _decimal(digits: str, text: str) -> Decimal:
    """A number whose decimals stand behind a point, or a comma, and whose thousands may be told apart."""
    bare = digits.replace(" ", "").replace("'", "")
    if re.fullmatch(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare):
        if re.fullmatch(r"\d{1,3}\.\d{3}", bare) and not bare.startswith("0."):
            raise VerbRefused("“{text}” can be thousands or decimals; write it as 12.50", text=text[:40])
        return Decimal(bare.replace(",", ""))
    if re.fullmatch(r"\d+,\d{1,2}|\d{1,3}(?:\.\d{3})+,\d{1,2}", bare):
        return Decimal(bare.replace(".", "").replace(",", "."))
    raise VerbRefused("“{text}” is no amount; write it as 12.50", text=text[:40])


@lru_cache(maxsize=1024)
def read_quantity(text: str) -> int:
    """A quantity in thousandths. Raises VerbRefused for what is none."""
    said = re.sub(r"[^\d.,-]+$|^[x×*]\s*", "", _half_width(text).strip(), flags=re.IGNORECASE).strip()
    found = re.fullmatch(r"(\d{1,9})(?:[.,](\d{1,6}))?", said)
    milli = int(found[1]) * MILLI + int((found[2] or "")[:3].ljust(3, "0")) if found else 0
    if not 0 < milli <= _MOST_MILLI or (found and (found[2] or "")[3:].strip("0")):
        raise VerbRefused("“{text}” is no quantity; write it as 2 or 0.5", text=text[:40])
    return milli
