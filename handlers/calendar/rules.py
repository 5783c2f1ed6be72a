"""What a campaign file says of its calendar: what is said to many, and when."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints

from core.answers import Line
from core.campaign.cron import BadCron, shortest_distance
from core.campaign.findings import remedy
from core.campaign.grammar import Named, Phrases, SectionList, Within
from core.campaign.quantities import Span
from core.campaign.rules import Rules
from core.segments.in_files import SEGMENT_SPELT, SegmentText, segment_or_why
from core.triggers import Words

_KEY = "calendar"
_LATE = timedelta(hours=6)
_OFTEN = timedelta(hours=1)


class JobRules(Named):
    """Something that is said to many whenever the calendar comes to it."""

    cron: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)] = Field(
        description="When: minute, hour, day of the month, month, day of the week, in the campaign's zone.",
        examples=["0 9 * * *"],
    )
    to: SegmentText = Field("everybody", description="To whom: a segment, such as everybody.")
    late: Span = Field(
        _LATE, description="How much later it is still said, when no clock was running; after that it is missed."
    )
    say: Phrases = Field(description="What is said.")


class Calendar(SectionList[JobRules]):
    """Everything that is said at times of the campaign."""

    key: ClassVar[str] = _KEY
    says: ClassVar[str] = "What is said to many at times that you choose: a list."
    called: ClassVar[str] = "calendar jobs"
    unasked: ClassVar[bool] = True
    worded: ClassVar[bool] = True

    @classmethod
    def spelling(cls) -> Mapping[str, Mapping[str, Any]]:
        """Its audiences."""
        assert isinstance(cls.words, Words)
        return {"to": {**SEGMENT_SPELT, "examples": ["everybody", "redeemed in the last 14 days and points >= 100"]}}

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Each job comes, not too often, and there may be somebody whom it is for."""
        if not self.each:
            yield (), remedy("the list is empty; add to it or remove the line")
        for position, job in enumerate(self.each):
            yield from (((position, key), why) for key, why in self._misplaced(rules, job))

    def _misplaced(self, rules: Rules, job: JobRules) -> Iterator[tuple[str, Line]]:
        assert isinstance(self.words, Words)
        try:
            distance = shortest_distance(job.cron, rules.zone)
        except BadCron as error:
            yield "cron", error.remedy
        else:
            if distance < _OFTEN:
                often = "comes more than once an hour; the first field is the minute, so nine o'clock is: 0 9 * * *"
                yield "cron", remedy(often)
        segment, why = segment_or_why(job.to, self.words.segments, rules)
        if segment is not None and segment.alone is not None and segment.alone.as_audience is not None:
            why = segment.alone.as_audience(rules) or why
        if why is not None:
            yield "to", why
