"""Whose message it is: phone numbers as an SMSC spells them (SMPP 3.4, 5.2.5, https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

import re
from collections.abc import Collection
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException

from core.phones import read_phone

_UNKNOWN, _INTERNATIONAL, _NATIONAL = 0, 1, 2
_INTERNATIONAL_DIGITS = re.compile(r"[1-9][0-9]{6,14}")
_DIGITS = re.compile(r"\+?[0-9]{3,20}")


@lru_cache(maxsize=4096)
def user_of(address: str, ton: int, region: str | None) -> str | None:
    """The sender in E.164, or None when no phone is behind it: a name, another short code.

    ``ton`` is the type of number: an international one is taken as it stands, for the network vouches for it and knows
    newer ones than we do. Any other is one of ``region`` when it can be, else one with a country code.
    """
    if ton not in {_UNKNOWN, _INTERNATIONAL, _NATIONAL} or not _DIGITS.fullmatch(address):
        return None
    digits = address.removeprefix("+")
    if ton == _INTERNATIONAL or digits != address:
        return _international(digits.removeprefix("00"))
    if (phone := read_phone(address, region)) is not None:
        return phone
    if ton == _NATIONAL:
        return None
    return read_phone(f"+{digits.removeprefix('00')}", None) if region else _international(digits.removeprefix("00"))


def _international(digits: str) -> str | None:
    return f"+{digits}" if _INTERNATIONAL_DIGITS.fullmatch(digits) else None


def is_allowed(user: str, countries: Collection[str]) -> bool:
    """Whether ``user``, in E.164, is of one of ``countries``, ISO regions; all are when there are none."""
    return not countries or country_of(user) in countries


@lru_cache(maxsize=4096)
def country_of(user: str) -> str | None:
    """The ISO region of a number in E.164, None when it is of no country, or of no numbering plan."""
    try:
        number = phonenumbers.parse(user)
    except NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(number)
    return region or phonenumbers.region_code_for_country_code(number.country_code or 0)
