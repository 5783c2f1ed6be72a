"""What a platform's id of a text amounts to, however it is spelt: padded or cut, in either case, in hex or in decimal.

An SMSC may write one and the same number as 00B8BF8C when it takes a text and as 12107660 in the receipt. So where a
platform is known to do so (``Outlet.ids_by_value``, ``Receipt.by_value``) ids are compared by value, never by width.
"""

import re

_HEX, _DECIMAL = re.compile(r"(?:0X)?([0-9A-F]{1,64})"), re.compile(r"[0-9]{1,64}")


def value_of(name: str) -> str:
    """``name`` without what says nothing: capitals, and zeros in front of a number."""
    upper = name.upper()
    found = _HEX.fullmatch(upper)
    return (found[1].lstrip("0") or "0") if found else upper


def readings(name: str) -> list[str]:
    """The values of ids that ``name`` may stand for, likeliest first: the same digits, the same number in another base.

    If one of them is the value of another id, then the value of ``name`` is among the readings of that.
    """
    value = value_of(name)
    found = [value]
    if _DECIMAL.fullmatch(value):
        found.append(f"{int(value):X}")
    if _HEX.fullmatch(value):
        found.append(str(int(value, 16)))
    return list(dict.fromkeys(found))
