"""Refs: what a text is, by why it was said. The categories that are stored with what waits are checked against this."""

import re

from core.sending.outbound import Category

_PATTERNS = (
    (re.compile(r"re:.*", re.DOTALL), Category.ANSWER),
    (re.compile(r"notice:(?:follow-up|announce):.*"), Category.MARKETING),
    (re.compile(r"notice:claim:\d+:remind-\d+"), Category.REMINDER),
    (re.compile(r"notice:torch:\d+:\d+:(?:remind-\d+|relight)"), Category.NUDGE),
)


def category_of(ref: str) -> Category:
    """The category of the text with this ``ref``; what answers nothing and is not unasked is a notice."""
    return next((category for pattern, category in _PATTERNS if pattern.fullmatch(ref)), Category.NOTICE)
