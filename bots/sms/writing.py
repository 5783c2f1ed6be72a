"""The text of a short message as it goes out: signed where the law wants a name, with the way out below marketing.

China: the 【signature】 stands in front and counts, all together 500 characters at most, and a promotion says how to be
left alone. https://help.aliyun.com/document_detail/44335.html
"""

from core.sending.outbound import Category, OutboundMessage

LONGEST_IN_CHINA = 500
LONGEST = 1600
"""Characters, elsewhere: what Twilio takes, and few networks carry more. https://www.twilio.com/docs/api/errors/21617"""

_CHINA = "+86"
_WAY_OUT = {"zh": "拒收请回复R", "en": "Reply STOP to opt out"}


class TooLong(Exception):
    """The text cannot go out whole, and nothing is cut silently: say Refused with ``error``."""

    error = "too_long"


def signed(text: str, signature: str | None) -> str:
    """``text`` with 【signature】 in front, unless it stands there already."""
    if not signature:
        return text
    front = f"【{signature}】"
    return text if text.startswith(front) else front + text


def written(message: OutboundMessage, signature: str | None, opt_out_line: bool) -> str:  # noqa: FBT001  # an account's setting, handed on
    """The text of ``message`` as it goes out.

    With ``opt_out_line`` marketing ends with the words that stop it, in the message's language. Raises TooLong above
    500 characters in China, or 1600 elsewhere.
    """
    text = signed(message.text, signature)
    if opt_out_line and message.category is Category.MARKETING:
        way_out = _WAY_OUT.get(message.language, _WAY_OUT["en"])
        if not text.rstrip().endswith(way_out):
            text = f"{text.rstrip()}\n{way_out}"
    if len(text) > longest(message.user):
        raise TooLong
    return text


def longest(user: str) -> int:
    """Characters that may go to ``user`` in one text, signature and all."""
    return LONGEST_IN_CHINA if user.startswith(_CHINA) else LONGEST
