"""Texts as octets and back: what data_coding says (SMPP 3.4, 5.2.19, https://smpp.org/SMPP_v3_4_Issue1_2.pdf).

Values from 0x10 up are the data coding schemes of 3GPP TS 23.038, https://www.3gpp.org/dynareport/23038.htm. SMSCs
differ in all of it, above all in what 0 and the values without a charset mean, so an account says what is so there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from bots.sms.parts import Alphabet, gsm7_decode, gsm7_encode, unpacked, utf16_decode

DEFAULT = 0x00

Default = Literal["gsm7", "latin1", "ascii"]
"""What data_coding 0, the SMSC's default alphabet, can stand for."""
Charset = Literal[
    "gsm7",
    "gsm7-packed",
    "ascii",
    "latin1",
    "ucs2",
    "utf-8",
    "gb18030",
    "big5",
    "cyrillic",
    "hebrew",
    "shift_jis",
    "iso-2022-jp",
    "euc-kr",
    "data",
]
"""How octets become text. "data" is none; "gsm7-packed" has eight septets in seven octets."""

_CODECS: Mapping[str, str] = {
    "ascii": "latin-1",  # of which it is the first half: who sends more than that means this
    "latin1": "latin-1",
    "utf-8": "utf-8",
    "gb18030": "gb18030",  # and GBK and GB 2312, which it contains
    "big5": "big5",
    "cyrillic": "iso8859_5",
    "hebrew": "iso8859_8",
    "shift_jis": "shift_jis",
    "iso-2022-jp": "iso2022_jp_2",
    "euc-kr": "euc_kr",
}
_STANDARD: Mapping[int, Charset] = {
    0x01: "ascii",
    0x03: "latin1",
    0x05: "shift_jis",
    0x06: "cyrillic",
    0x07: "hebrew",
    0x08: "ucs2",
    0x0A: "iso-2022-jp",
    0x0D: "iso-2022-jp",
    0x0E: "euc-kr",
    0x0F: "gb18030",  # reserved in the standard; what Chinese networks have there (CMPP 2.0, Msg_Fmt)
}
_SCHEMES_FROM = 0x10
_SEPTETS = 0x80


def _number(value: Any) -> Any:
    """Keys of a TOML table are strings: "0x04" or "4"."""
    try:
        return int(value, 0) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f'{value!r} is no data_coding; write one such as "0x04"') from None


Coding = Annotated[int, BeforeValidator(_number), Field(ge=0, le=0xFF)]


@dataclass(frozen=True, slots=True)
class Codings:
    """What each data_coding stands for at one SMSC: ``others`` say where it is not as the standard has it."""

    default: Default = "gsm7"
    others: Mapping[int, Charset] = field(default_factory=dict)

    def charset(self, data_coding: int) -> Charset:
        """The charset of a message with ``data_coding``."""
        if data_coding == DEFAULT:
            return self.default
        if (said := self.others.get(data_coding)) is not None:
            return said
        if data_coding < _SCHEMES_FROM:
            return _STANDARD.get(data_coding, "data")
        return _of_scheme(data_coding)


STANDARD = Codings()


def encoded(text: str, charset: Charset) -> bytes:
    """``text`` in the octets of ``charset``, which has all its characters: it is one of those that texts go out in."""
    if charset == "ucs2":
        return text.encode("utf-16-be", "replace")
    return gsm7_encode(text) if charset == "gsm7" else text.encode(_CODECS[charset])


def has_all_of(charset: Charset, alphabet: Alphabet) -> bool:
    """Whether every text that is sent as one of ``alphabet`` can be written in ``charset``."""
    return charset in {Alphabet.GSM7: {"gsm7", "latin1", "ascii"}, Alphabet.LATIN1: {"latin1"}}.get(alphabet, {"ucs2"})


def text_of(octets: bytes, data_coding: int, codings: Codings = STANDARD) -> str | None:
    """The text of a message, or None when it is none but data; what cannot be read in it is U+FFFD."""
    charset = codings.charset(data_coding)
    if charset == "data":
        return None
    octets = _ended(octets, charset)
    if charset == "ucs2":
        return utf16_decode(octets)
    if charset == "gsm7-packed":
        return _unpadded(gsm7_decode(unpacked(octets)), octets)
    if charset != "gsm7":
        return octets.decode(_CODECS[charset], "replace")
    if all(octet < _SEPTETS for octet in octets):
        return gsm7_decode(octets)
    return _eight_bits(octets)


def _ended(octets: bytes, charset: Charset) -> bytes:
    """``octets`` without the zero by which some SMSCs end them as a string; in GSM-7 that is an @."""
    if charset == "ucs2":
        return octets[:-1] if len(octets) % 2 and octets.endswith(b"\0") else octets.removesuffix(b"\0\0")
    return octets if charset.startswith("gsm7") else octets.removesuffix(b"\0")


def _unpadded(text: str, octets: bytes) -> str:
    """Seven octets have room for eight septets: where seven were said, the last one is nothing, and reads as @."""
    return text if len(octets) % 7 else text.removesuffix("@")


def _eight_bits(octets: bytes) -> str:
    """What is said to be septets and is none: UTF-8 where it reads so, as hardly anything else does, or Latin-1."""
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _of_scheme(scheme: int) -> Charset:
    """The charset of a coding group of 3GPP TS 23.038, clause 4; compressed text and data are none."""
    if scheme < 0x40:  # noqa: PLR2004  # general group: bit 5 compressed, bits 3 and 2 the alphabet
        return "data" if scheme & 0x20 else _GENERAL.get(scheme & 0x0C, "data")
    if scheme < 0xC0:  # noqa: PLR2004  # reserved
        return "data"
    if scheme >= 0xF0:  # noqa: PLR2004  # a message class: bit 2 says data
        return "data" if scheme & 0x04 else "gsm7"
    return "ucs2" if scheme >= 0xE0 else "gsm7"  # noqa: PLR2004  # a waiting message's indication


_GENERAL: Mapping[int, Charset] = {0x00: "gsm7", 0x08: "ucs2"}
