"""Somebody's own words, made harmless and short enough for a picture: nothing here trusts them."""

import unicodedata
from collections.abc import Callable

SYMBOL_LIMIT = 40
"""Symbols of a name or title that are looked at; what follows is cut."""
ELLIPSIS = "…"

_MARK_LIMIT = 3
"""Combining marks on one letter; more of them climb over the lines above."""
_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and symbols that show nothing."""
_WIDE, _NARROW, _CAPITAL, _OTHER = 1.0, 0.32, 0.7, 0.58


def clean(text: str | None, limit: int = SYMBOL_LIMIT) -> str | None:
    """``text`` without control, format, private and blank characters, on one line; None when nothing is left to see.

    What is left holds no bidirectional control and is valid in XML. The joiner stays inside an emoji only.
    """
    if text is None:
        return None
    kept: list[str] = []
    for char in unicodedata.normalize("NFC", text[: limit * 8]):
        if char == _JOINER:
            keep = bool(kept) and (unicodedata.category(kept[-1]) in {"So", "Sk"} or kept[-1] == _EMOJI_STYLE)
        else:
            keep = char == _EMOJI_STYLE or _is_seen(char)
        if keep:
            kept.append(char)
        elif char.isspace():
            kept.append(" ")
    line = " ".join("".join(kept).split())
    symbols = clusters(line)
    found = "".join(symbols[:limit]).rstrip(_JOINER + " ") + (ELLIPSIS if len(symbols) > limit else "")
    return found if any(unicodedata.category(char)[0] in "LNPS" for char in found) else None


def _is_seen(char: str) -> bool:
    if char in _BLANKS or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF:  # noqa: PLR2004  noncharacters
        return False
    return unicodedata.category(char)[0] != "C" and not (char.isspace() and char != " ")


def clusters(text: str) -> list[str]:
    """``text`` cut between what a reader takes for one symbol: a letter with its marks, a joined emoji."""
    found: list[str] = []
    marks = 0
    for char in text:
        is_mark = unicodedata.category(char)[0] == "M" or char == _JOINER or unicodedata.category(char) == "Sk"
        if found and (is_mark or found[-1].endswith(_JOINER)):
            marks += 1
            if marks <= _MARK_LIMIT or _JOINER in found[-1]:
                found[-1] += char
        else:
            found.append(char)
            marks = 0
    return found


def clipped(text: str, fits: Callable[[str], bool]) -> str:
    """``text`` when it fits, else as many of its symbols as fit before an ellipsis; "" when not even one does."""
    if fits(text):
        return text
    symbols = clusters(text)
    for count in range(len(symbols) - 1, 0, -1):
        shorter = "".join(symbols[:count]).rstrip() + ELLIPSIS
        if fits(shorter):
            return shorter
    return ""


def width_em(text: str) -> float:
    """How wide ``text`` is about to be in any common font, in ems: no font is asked."""
    return sum(_char_em(char) for char in text)


def _char_em(char: str) -> float:
    if unicodedata.category(char)[0] in "MC":
        return 0.0
    if unicodedata.east_asian_width(char) in "WF" or unicodedata.category(char) == "So":
        return _WIDE
    if char in " .,:;'|!iljtfI·":
        return _NARROW
    return _CAPITAL if char.isupper() or char in "mwMW" else _OTHER
