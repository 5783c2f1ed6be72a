"""The number of a sender as networks spell it: with a plus, with 00, with a bare country code, or nationally."""

import re

import phonenumbers

from core.phones import phone_of, read_phone

_DIGITS = re.compile(r"[0-9]{7,15}")


def sender_of(spelled: str, region: str | None) -> str | None:
    """The number in E.164, or None for a name, a short code and whatever else nobody can be answered at.

    What is a number of ``region`` is one. A number that no plan assigns is kept when it is spelled with its country
    code and as long as such numbers are: plans grow before libraries know it.
    """
    typed = spelled.strip()
    bare = typed.removeprefix("+").removeprefix("00")
    if not _DIGITS.fullmatch(bare):
        return None
    if (phone := read_phone(typed, region)) is not None:
        return phone
    if (phone := read_phone(f"+{bare}", None)) is not None:
        return phone
    coded = bare != typed or (region is not None and bare.startswith(str(phonenumbers.country_code_for_region(region))))
    return _possible(bare) if coded else None


def _possible(bare: str) -> str | None:
    try:
        number = phonenumbers.parse(f"+{bare}")
    except phonenumbers.NumberParseException:
        return None
    return phone_of(f"+{bare}") if phonenumbers.is_possible_number(number) else None
