"""How many short messages a text is, and where it is cut (3GPP TS 23.038 and 23.040).

https://www.3gpp.org/dynareport/23038.htm, https://www.3gpp.org/dynareport/23040.htm
"""

from collections.abc import Callable
from enum import StrEnum

from core.texts.previews import Preview

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_PACKED = 140
"""Octets of a short message."""
_LAST_OF_PLANE_0 = "\uffff"
_LITTLE_ENDIAN_MARK = b"\xff\xfe"
_LETTERS = 2
"""So many letters in a row are Latin the other way round; one could be a Chinese character, such as 一 (U+4E00)."""

_ENCODED = {character: bytes([septet]) for septet, character in enumerate(_BASIC) if septet != _ESCAPE} | {
    character: bytes([_ESCAPE, septet]) for septet, character in _EXTENSION.items()
}


class Alphabet(StrEnum):
    """How the characters of a short message are coded."""

    GSM7 = "gsm7"
    """Seven bits: what Latin phones type, and ten signs more that cost two."""
    LATIN1 = "latin1"
    """Eight bits, ISO 8859-1."""
    UCS2 = "ucs2"
    """Sixteen bits, everything; beyond plane 0 (most emoji) a character costs two."""


_ROOM = {Alphabet.GSM7: (160, 153), Alphabet.LATIN1: (140, 134), Alphabet.UCS2: (70, 67)}
"""Units of a message that stands alone, and of each part of a longer one, whose header takes six octets."""


_CALLED = {Alphabet.GSM7: "GSM-7", Alphabet.LATIN1: "Latin-1", Alphabet.UCS2: "UCS-2"}


def alphabet_of(text: str) -> Alphabet:
    """GSM7 when every character is in its table or its extension table, else UCS2: one other character switches all."""
    return Alphabet.GSM7 if all(character in _ENCODED for character in text) else Alphabet.UCS2


def in_parts(text: str, alphabet: Alphabet | None = None) -> list[str]:
    """The parts that ``text`` goes out in, at least one; without ``alphabet`` in the one of :func:`alphabet_of`.

    Joined they are the text. A character is never divided: neither an escape from its septet, nor a surrogate from the
    other. Raises ValueError when GSM7 is asked for and cannot hold the text.
    """
    alphabet = alphabet_of(text) if alphabet is None else alphabet
    single, part = _ROOM[alphabet]
    width = _WIDTHS[alphabet]
    widths = [width(character) for character in text]
    if sum(widths) <= single:
        return [text]
    parts, begin, filled = [], 0, 0
    for place, units in enumerate(widths):
        if filled + units > part:
            parts.append(text[begin:place])
            begin, filled = place, 0
        filled += units
    parts.append(text[begin:])
    return parts


def preview(text: str, alphabet: Alphabet) -> Preview:
    """How ``text``, signed and plain as it goes out, fills short messages of ``alphabet``."""
    parts, (single, part) = in_parts(text, alphabet), _ROOM[alphabet]
    length = sum(map(_WIDTHS[alphabet], text))
    return Preview(tuple(parts), length, single if len(parts) == 1 else part, _CALLED[alphabet])


def gsm7_encode(text: str) -> bytes:
    """``text`` as one septet an octet, not packed. Raises ValueError for a character that GSM-7 has not."""
    return b"".join(map(_gsm7, text))


def gsm7_decode(octets: bytes) -> str:
    """The text of septets that stand in an octet each. Never fails.

    As the standard wants it, an escape before a septet that is not in the extension table is that septet of the basic
    table, and a second escape or one at the end is a space. An octet that is no septet is U+FFFD.
    """
    text: list[str] = []
    escaped = False
    for octet in octets:
        if octet == _ESCAPE:
            if escaped:
                text.append(" ")
            escaped = not escaped
            continue
        text.append((_EXTENSION.get(octet) if escaped else None) or _basic(octet))
        escaped = False
    return "".join(text) + (" " if escaped else "")


def utf16_decode(octets: bytes) -> str:
    """The text of sixteen bits a character, in the order that its mark or its Latin letters show, else the standard's.

    What cannot be read in it is U+FFFD.
    """
    latin = len(octets) >= 2 * _LETTERS and not any(octets[1::2])
    order = "utf-16-le" if latin or octets.startswith(_LITTLE_ENDIAN_MARK) else "utf-16-be"
    return octets.decode(order, "replace").removeprefix("\ufeff")


def unpacked(octets: bytes) -> bytes:
    """The septets of a short message that was packed for the air, eight to seven octets, one an octet."""
    number = int.from_bytes(octets[:_PACKED], "little")
    return bytes(number >> 7 * place & 0x7F for place in range(len(octets[:_PACKED]) * 8 // 7))


def _basic(octet: int) -> str:
    return _BASIC[octet] if octet < len(_BASIC) else "\ufffd"


def _gsm7(character: str) -> bytes:
    try:
        return _ENCODED[character]
    except KeyError:
        raise ValueError(f"U+{ord(character):04X} is not in the GSM 7-bit alphabet") from None


def _gsm7_units(character: str) -> int:
    return len(_gsm7(character))


def _utf16_units(character: str) -> int:
    return 2 if character > _LAST_OF_PLANE_0 else 1


_WIDTHS: dict[Alphabet, Callable[[str], int]] = {
    Alphabet.GSM7: _gsm7_units,
    Alphabet.LATIN1: lambda _character: 1,
    Alphabet.UCS2: _utf16_units,
}
