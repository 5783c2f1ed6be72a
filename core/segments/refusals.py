"""A segment that cannot be used: why, and at which word of it."""

import unicodedata

from core.answers import Line, Verbatim
from core.campaign.findings import remedy
from core.operators import VerbRefused
from core.segments.tree import Span

_SHOWN = 60
"""Signs of the text that are shown around the word."""


class BadSegment(VerbRefused):
    """What was written is no segment, or one that matches nobody; the message points at the word and says what to do.

    ``finding`` is the same for a campaign file.
    """

    def __init__(self, text: str, span: Span, why: Line) -> None:
        self.text, self.span, self.why = text, span, why
        self.finding = remedy("at sign {column}: {why}", column=span.begin + 1, why=why)
        shown, pointed = pointed_at(text, span)
        super().__init__("{why}\n{text}\n{caret}", why=why, text=Verbatim(shown), caret=Verbatim(pointed))


def pointed_at(text: str, span: Span) -> tuple[str, str]:
    """The line of ``text`` around ``span``, and one with carets under it, as wide signs take two places."""
    plain = "".join(each if each.isprintable() else " " for each in text)
    first = max(0, span.begin - _SHOWN)
    last = min(len(plain), max(span.end, span.begin + 1) + _SHOWN)
    before, there = plain[first : span.begin], plain[span.begin : span.end]
    cut = "… " if first else ""
    caret = " " * len(cut) + "".join(_blank(each) for each in before) + "^" * max(1, sum(map(_width, there)))
    return f"{cut}{plain[first:last]}{' …' if last < len(plain) else ''}", caret


def _width(sign: str) -> int:
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _blank(sign: str) -> str:
    return "\u3000" if _width(sign) == 2 else " "  # noqa: PLR2004  # as wide as what stands above it
