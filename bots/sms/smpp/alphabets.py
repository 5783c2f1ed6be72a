"""Texts as octets and back: what data_coding says (SMPP 3.4, 5.2.19, https://smpp.org/SMPP_v3_4_Issue1_2.pdf).

Values from 0x10 up are the data coding schemes of 3GPP TS 23.038, https://www.3gpp.org/dynareport/23038.htm.
"""

from typing import Literal

from bots.sms.segments import Alphabet, gsm7_decode, gsm7_encode, utf16_decode

DEFAULT, ASCII, LATIN1, UCS2 = 0x00, 0x01, 0x03, 0x08

_CODECS = {
    0x05: "shift_jis",
    0x06: "iso8859_5",
    0x07: "iso8859_8",
    0x0A: "iso2022_jp",
    0x0E: "euc_kr",
}
_SCHEMES_FROM = 0x10


def data_coding_of(alphabet: Alphabet) -> int:
    """The data_coding that goes with octets of :func:`octets_of`."""
    return {Alphabet.GSM7: DEFAULT, Alphabet.LATIN1: LATIN1, Alphabet.UCS2: UCS2}[alphabet]


def octets_of(text: str, alphabet: Alphabet, default: Literal["gsm7", "latin1"]) -> bytes:
    """``text`` in the octets that an SMSC wants whose default alphabet is ``default``."""
    if alphabet is Alphabet.UCS2:
        return text.encode("utf-16-be", "replace")
    if alphabet is Alphabet.LATIN1 or default == "latin1":
        return text.encode("latin-1")
    return gsm7_encode(text)


def text_of(octets: bytes, data_coding: int, default: Literal["gsm7", "latin1"]) -> str | None:
    """The text of a message, or None when it is none but data; what cannot be read in it is U+FFFD."""
    alphabet = _alphabet(data_coding, default)
    if alphabet is Alphabet.GSM7:
        return gsm7_decode(octets)
    if alphabet is Alphabet.LATIN1:
        return octets.decode("latin-1")
    if alphabet is Alphabet.UCS2:
        return utf16_decode(octets)
    if (codec := _CODECS.get(data_coding)) is not None:
        return octets.decode(codec, "replace")
    return None


def _alphabet(data_coding: int, default: Literal["gsm7", "latin1"]) -> Alphabet | None:
    if data_coding == DEFAULT:
        return Alphabet(default)
    if data_coding in {ASCII, LATIN1}:
        return Alphabet.LATIN1  # of which ASCII is the first half
    if data_coding == UCS2:
        return Alphabet.UCS2
    if data_coding < _SCHEMES_FROM:
        return None
    return _of_scheme(data_coding)


def _of_scheme(scheme: int) -> Alphabet | None:
    """The alphabet of a coding group of 3GPP TS 23.038, clause 4; compressed text and data are none."""
    if scheme < 0x40:  # noqa: PLR2004  # general group: bit 5 compressed, bits 3 and 2 the alphabet
        return None if scheme & 0x20 else {0x00: Alphabet.GSM7, 0x08: Alphabet.UCS2}.get(scheme & 0x0C)
    if scheme < 0xC0:  # noqa: PLR2004  # reserved
        return None
    if scheme >= 0xF0:  # noqa: PLR2004  # a message class: bit 2 says data
        return None if scheme & 0x04 else Alphabet.GSM7
    return Alphabet.UCS2 if scheme >= 0xE0 else Alphabet.GSM7  # noqa: PLR2004  # a waiting message's indication
