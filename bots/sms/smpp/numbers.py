"""Whose message it is: phone numbers as an SMSC spells them (SMPP 3.4, 5.2.5, https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

import re
from functools import lru_cache

from bots.sms.numbers import sender_of
from core.phones import phone_of, read_phone

_UNKNOWN, _INTERNATIONAL, _NATIONAL = 0, 1, 2
_DIGITS = re.compile(r"\+?[0-9]{3,20}")


@lru_cache(maxsize=4096)
def user_of(address: str, ton: int, region: str | None) -> str | None:
    """The sender in E.164, or None when no phone is behind it: a name, another short code.

    ``ton`` is the type of number: an international one is taken as it stands, for the network vouches for it and knows
    newer ones than we do; a national one is of ``region``; nothing is known of any other.
    """
    if not _DIGITS.fullmatch(address):
        return None
    if ton == _INTERNATIONAL:
        return phone_of("+" + address.removeprefix("+").removeprefix("00"))
    if ton == _NATIONAL:
        return read_phone(address, region)
    return sender_of(address, region) if ton == _UNKNOWN else None
