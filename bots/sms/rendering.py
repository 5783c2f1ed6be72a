"""The text of a short message as it goes out: signed where the law wants a name, with the way out below marketing.

China: the 【signature】 stands in front and counts, all together 500 characters at most, and a promotion says how to be
left alone. https://help.aliyun.com/document_detail/44335.html

Plain twins go out instead of typographic characters (transliteration, "smart encoding"): one curly quote would make a
Latin text cost twice (UCS-2). Only what loses nothing is changed, and only in a text that then fits GSM-7 as a whole.
An accent that the alphabet does not have is part of a word, so such a text stays as it is. No twin has more octets of
UTF-8 than what it stands for.
"""

import re
import unicodedata

from bots.sms.parts import Alphabet, alphabet_of
from core.sending.outbound import Category, OutboundMessage
from core.texts.languages import languages_of

LONGEST_IN_CHINA = 500
LONGEST = 1600
"""Characters, elsewhere: what Twilio takes, and few networks carry more. https://www.twilio.com/docs/api/errors/21617"""

_CHINA = "+86"
_WAY_OUT = {"zh": "拒收请回复R", "en": "Reply STOP to opt out"}

_TWINS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′ʼʹ＇´`", "'"),
        **dict.fromkeys("“”„‟″«»＂", '"'),
        **dict.fromkeys("‹", "<"),
        **dict.fromkeys("›", ">"),
        **dict.fromkeys("‐‑‒–—―−⁃•‣", "-"),
        **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\t", " "),
        **dict.fromkeys("\u202f\u205f\u3000", " "),
        **dict.fromkeys("\x0b\x85\u2028\u2029", "\n"),
        # what nobody sees: joiners, marks of direction, soft hyphens, and which picture a character is
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f", ""),
        **dict.fromkeys(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))), ""),
        **{chr(0xFEE0 + ascii_): chr(ascii_) for ascii_ in range(0x21, 0x7F) if chr(ascii_) not in "'\"`"},
        "…": "...",
        "‥": "..",
        "→": "->",
        "×": "x",
        "。": ".",
        "、": ",",
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
    }
)

_FIRST = re.compile(r"\s*【([^【】]*)】")
_LAST = re.compile(r"\s*【([^【】]*)】\s*$")


class TooLong(Exception):
    """The text cannot go out whole, and nothing is cut silently: say Refused with ``error``."""

    error = "too_long"


def signed(text: str, signature: str | None) -> str:
    """``text`` with 【signature】 in front, unless it stands there already, or at the end, in whatever spacing or case.

    Another 【name】 in front is a title: the signature is the one that the account has registered, so it goes before.
    """
    if not signature or any(found and _named(found[1]) == _named(signature) for found in _ends(text)):
        return text
    return f"【{signature}】{text}"


def worded(text: str, signature: str | None) -> str:
    """``text`` as it goes out in a connection: signed, and plain where that costs less."""
    return transliterated(signed(text, signature))


def transliterated(text: str) -> str:
    """``text`` in GSM-7 where its twins are in it, else as it is."""
    if alphabet_of(text) is Alphabet.GSM7:
        return text
    twin = unicodedata.normalize("NFC", text).translate(_TWINS)
    return twin if alphabet_of(twin) is Alphabet.GSM7 else text


def rendered(message: OutboundMessage, signature: str | None, opt_out_line: bool) -> str:  # noqa: FBT001  # an account's setting, handed on
    """The text of ``message`` as it goes out.

    With ``opt_out_line`` marketing ends with the words that stop it: in Chinese for who speaks it and reads it here, as
    a campaign may speak less than a person; else in English. Raises TooLong above
    500 characters in China, or 1600 elsewhere.
    """
    text = signed(message.text, signature)
    if opt_out_line and message.category is Category.MARKETING:
        is_chinese = message.language == "zh" and languages_of(message.text, ("zh",)) != []
        text = _with_way_out(text, _WAY_OUT["zh" if is_chinese else "en"])
    plain = transliterated(text)
    if len(plain) <= longest(message.user):
        return plain
    if len(text) > longest(message.user):
        raise TooLong
    return text


def longest(user: str) -> int:
    """Characters that may go to ``user`` in one text, signature and all."""
    return LONGEST_IN_CHINA if user.startswith(_CHINA) else LONGEST


def _with_way_out(text: str, way_out: str) -> str:
    """``text`` with ``way_out`` as its last line, unless it has it; a signature at the end stays there."""
    end = _LAST.search(text)
    body, name = (text[: end.start()], end[0].strip()) if end and end.start() else (text, "")
    return text if body.rstrip().endswith(way_out) else f"{body.rstrip()}\n{way_out}{name}"


def _ends(text: str) -> tuple[re.Match[str] | None, re.Match[str] | None]:
    """Names in brackets with which ``text`` begins and ends."""
    return _FIRST.match(text), _LAST.search(text)


def _named(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
