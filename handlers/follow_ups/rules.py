"""What a campaign file says of follow-ups: what is said to whom, so long after what."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

from core.answers import Line
from core.campaign.findings import Unfit, meant, remedy
from core.campaign.grammar import Named, Phrases, SectionList, Within
from core.campaign.quantities import SPAN_PATTERN, span
from core.campaign.rules import Rules
from core.segments.in_files import SEGMENT_SPELT, SegmentText, segment_or_why
from core.triggers import Words

_KEY = "follow_ups"
_WHEN = re.compile(r"(.+?)\s+after\s+(.+)")
_AFTER_SOMETHING = {"type": "string", "title": "time after an event", "examples": ["24h after first contact"]}


@dataclass(frozen=True, slots=True)
class When:
    """So long after a trigger, by its name."""

    after: timedelta
    event: str

    def __str__(self) -> str:
        return f"{int(self.after.total_seconds())}s after {self.event}"


def _words(info: ValidationInfo) -> Words | None:
    found: Words | None = (info.context or {}).get(_KEY)
    return found


def _when(value: object, info: ValidationInfo) -> When:
    if isinstance(value, When):
        return value
    words = _words(info)
    events = sorted(words.triggers) if words else None
    match = _WHEN.fullmatch(" ".join(str(value).split()))
    if match is None or (events is not None and match[2] not in events):
        told = "{event} is no event{meant}; " if match else ""
        asked = remedy(told, event=match[2], meant=meant(match[2], events or ())) if match else remedy(told)
        known = f" ({', '.join(events)})" if events else ""
        sentence = "{asked}write a length of time after an event, for example: 24h after first contact{known}"
        raise Unfit(sentence, asked=asked, known=known)
    after = span(match[1])
    if not after:
        raise Unfit("give a length of time above zero, for example: 10m after torch out")
    return When(after, match[2])


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class FollowUpRules(Named):
    """Something that is said to one player so long after a trigger, once for each time."""

    when: Annotated[
        When, BeforeValidator(_when), PlainSerializer(str, return_type=str), WithJsonSchema(_AFTER_SOMETHING)
    ] = Field(description="A length of time after an event.")
    unless: Annotated[tuple[SegmentText, ...], BeforeValidator(_listed), Field(max_length=5)] = Field(
        (), description="Whoever it is needless for by then: a segment such as redeemed, or a list of them."
    )
    say: Phrases = Field(description="What is said.")


class FollowUps(SectionList[FollowUpRules]):
    """Everything that is said so long after something."""

    key: ClassVar[str] = _KEY
    says: ClassVar[str] = "What is said to one player, so long after something happened: a list."
    called: ClassVar[str] = "follow_ups"
    unasked: ClassVar[bool] = True
    worded: ClassVar[bool] = True

    @classmethod
    def spelling(cls) -> Mapping[str, Mapping[str, Any]]:
        """Its events and words."""
        assert isinstance(cls.words, Words)
        events = sorted(cls.words.triggers)
        reason = {**SEGMENT_SPELT, "examples": ["spoke", "redeemed and points >= 100"]}
        listed = {"type": "array", "maxItems": 5, "items": reason}
        return {
            "when": {
                **_AFTER_SOMETHING,
                "pattern": rf"^\s*{SPAN_PATTERN}\s+after\s+({'|'.join(events)})\s*$",
                "examples": [f"24h after {event}" for event in events],
            },
            "unless": {"anyOf": [reason, listed]},
        }

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Each counts from what may happen, and nothing makes it needless at once."""
        if not self.each:
            yield (), remedy("the list is empty; add to it or remove the line")
        for position, follow_up in enumerate(self.each):
            yield from (((position, key), why) for key, why in self._misplaced(rules, follow_up))

    def _misplaced(self, rules: Rules, follow_up: FollowUpRules) -> Iterator[tuple[str, Line]]:
        assert isinstance(self.words, Words)
        event = follow_up.when.event
        if (why := self.words.triggers[event].misplaced(rules)) is not None:
            yield "when", why
        if len(set(follow_up.unless)) < len(follow_up.unless):
            yield "unless", remedy("name each condition once")
        for reason in follow_up.unless:
            segment, why = segment_or_why(reason, self.words.segments, rules)
            if segment is not None and segment.alone is not None and segment.alone.as_reason is not None:
                why = segment.alone.as_reason(rules, event) or why
            if why is not None:
                yield "unless", why
