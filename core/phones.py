"""Phone numbers: read as people type them, shown masked, told apart by E.164."""

import re
import unicodedata

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberMatcher

_TYPED = re.compile(r"[+0-9][0-9 ().\-/]{5,24}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SHOWN_BEFORE, _SHOWN_AFTER, _LONG = 3, 4, 10


def looks_like_phone(text: str) -> str | None:
    """``text`` in half width when it could be a phone number and nothing else, else None."""
    typed = unicodedata.normalize("NFKC", text).strip()
    return typed if _TYPED.fullmatch(typed) else None


def read_phone(text: str, region: str | None) -> str | None:
    """The number in E.164 ("+8613800138000"), or None when there is no such number.

    Without a country code it is a number of ``region`` (such as "CN"); without that, none.
    """
    typed = looks_like_phone(text)
    if typed is None:
        return None
    try:
        number = phonenumbers.parse(typed, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def find_phone(text: str, region: str | None) -> str | None:
    """The one number in a sentence, in E.164; None when there is none, or more than one."""
    if (phone := read_phone(text, region)) is not None:
        return phone
    said = unicodedata.normalize("NFKC", text)
    found = {
        phonenumbers.format_number(match.number, PhoneNumberFormat.E164)
        for match in PhoneNumberMatcher(said, region or "ZZ")
    }
    return found.pop() if len(found) == 1 else None


def phone_of(user: str) -> str | None:
    """The phone number of an address whose user is one: adapters of such channels hand it over in E.164."""
    return user if _E164.fullmatch(user) else None


def masked(phone: str) -> str:
    """A number in E.164 as others may see it: 138****8000."""
    try:
        digits = _national(phonenumbers.parse(phone))
    except NumberParseException:
        digits = phone.removeprefix("+")  # of no numbering plan that anybody knows
    if len(digits) < _LONG:
        return "*" * (len(digits) - 2) + digits[-2:]
    hidden = len(digits) - _SHOWN_BEFORE - _SHOWN_AFTER
    return digits[:_SHOWN_BEFORE] + "*" * hidden + digits[-_SHOWN_AFTER:]


def for_courier(phone: str, region: str | None) -> str:
    """A number in E.164 as a courier of ``region`` dials it; of another country with its code."""
    number = phonenumbers.parse(phone)
    if region is not None and phonenumbers.region_code_for_number(number) == region:
        return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return f"({'+'}{number.country_code}) {_national(number)}"


def _national(number: PhoneNumber) -> str:
    return str(phonenumbers.national_significant_number(number))
