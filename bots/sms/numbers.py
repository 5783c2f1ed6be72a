"""The number of a sender as networks spell it: with a plus, with 00, with a bare country code, or nationally.

What a network says beside a number (SMPP's type of number, 5.2.5) is filled wrongly too often to decide anything: a
number is what it looks like, and where it could be two, a setting of the account decides, its ``home``.
"""

import re
from functools import lru_cache

import phonenumbers

from core.phones import phone_of, read_phone

_DIGITS = re.compile(r"[0-9]{7,18}")
_SHORTEST = 7
"""Digits of a phone number; shorter ones are short codes."""
_BETWEEN = re.compile(r"[\s().\-/\u2010-\u2015\u202a-\u202e\u00a0]+")
"""What people, and gateways that format, put between digits."""


@lru_cache(maxsize=4096)
def sender_of(spelled: str, home: str | None) -> str | None:
    """The number in E.164, or None for a name, a short code and whatever else nobody can be answered at.

    With a plus it is first what it says; without one it is first a number of ``home``. A number that no plan assigns is
    kept when it is spelled with its country code and as long as such numbers are: plans grow before libraries know it.
    """
    typed = _BETWEEN.sub("", spelled)
    bare = typed.removeprefix("+").removeprefix("00")
    if not _DIGITS.fullmatch(bare):
        return None
    readings = [(f"+{bare}", None), (typed, home), (bare, home)]
    if bare == typed:
        readings = [*readings[1:], readings[0]]
    for number, region in readings:
        if (phone := read_phone(number, region)) is not None:
            return phone
    coded = bare != typed or (home is not None and bare.startswith(str(phonenumbers.country_code_for_region(home))))
    return _possible(bare) if coded else None


def unanswerable(spelled: str) -> str:
    """What it is that :func:`sender_of` knows no number for, for whoever looks after the account."""
    typed = _BETWEEN.sub("", spelled)
    if not typed:
        return "nothing"
    if not typed.removeprefix("+").isdecimal():
        return "name"
    return "short_code" if len(typed.removeprefix("+")) < _SHORTEST else "no_number"


def _possible(bare: str) -> str | None:
    try:
        number = phonenumbers.parse(f"+{bare}")
    except phonenumbers.NumberParseException:
        return None
    return phone_of(f"+{bare}") if phonenumbers.is_possible_number(number) else None
