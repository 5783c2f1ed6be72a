"""Segments in campaign files: a field that holds one, and what is wrong with it there."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

from core.answers import Line
from core.campaign.rules import Rules
from core.segments.reading import LONGEST, Lexicon
from core.segments.refusals import BadSegment
from core.segments.segment import Segment, read
from core.segments.words import Asked


def _on_one_line(value: object) -> object:
    return " ".join(value.split()) if isinstance(value, str) else value


SegmentText = Annotated[
    str, BeforeValidator(_on_one_line), StringConstraints(min_length=1, max_length=LONGEST, strip_whitespace=True)
]
"""A segment as it is written; what stands in it is looked at before it is published (:func:`segment_or_why`)."""
SEGMENT_SPELT: Mapping[str, Any] = {"type": "string", "title": "segment", "minLength": 1, "maxLength": LONGEST}
"""What JSON Schema says of it."""
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""For a campaign that opens or closes at an instant that is not known before it is published."""


def segment_or_why(text: str, words: Lexicon, rules: Rules) -> tuple[Segment | None, Line | None]:
    """The segment that ``text`` is in a file, and why it must not be published: it is none, or it matches nobody.

    It matches nobody if it does so when the campaign opens as when it closes: what is still to come may happen in it.
    """
    try:
        segment = read(text, words, rules)
    except BadSegment as error:
        return None, error.finding
    clashes = [segment.clash(Asked(rules, at)) for at in (rules.opens.at or _FIRST, rules.closes.at or _LAST)]
    clash = clashes[-1] if None not in clashes else None
    return segment, None if clash is None else clash.finding
