"""The text of a short message as it goes out: signed where the law wants a name, with the way out below marketing.

China: the 【signature】 stands in front and counts, all together 500 characters at most, and a promotion says how to be
left alone. https://help.aliyun.com/document_detail/44335.html
"""

import re
import unicodedata

from bots.sms.plain import plainer
from core.sending.outbound import Category, OutboundMessage

LONGEST_IN_CHINA = 500
LONGEST = 1600
"""Characters, elsewhere: what Twilio takes, and few networks carry more. https://www.twilio.com/docs/api/errors/21617"""

_CHINA = "+86"
_WAY_OUT = {"zh": "拒收请回复R", "en": "Reply STOP to opt out"}

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
    """``text`` as it goes out in a connection: signed, and plain where that costs less (bots/sms/plain.py)."""
    return plainer(signed(text, signature))


def written(message: OutboundMessage, signature: str | None, opt_out_line: bool) -> str:  # noqa: FBT001  # an account's setting, handed on
    """The text of ``message`` as it goes out.

    With ``opt_out_line`` marketing ends with the words that stop it, in the message's language. Raises TooLong above
    500 characters in China, or 1600 elsewhere.
    """
    text = signed(message.text, signature)
    if opt_out_line and message.category is Category.MARKETING:
        text = _with_way_out(text, _WAY_OUT.get(message.language, _WAY_OUT["en"]))
    plain = plainer(text)
    if len(plain) <= longest(message.user):
        return plain
    if len(text) > longest(message.user):
        raise TooLong
    return text


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


def longest(user: str) -> int:
    """Characters that may go to ``user`` in one text, signature and all."""
    return LONGEST_IN_CHINA if user.startswith(_CHINA) else LONGEST
