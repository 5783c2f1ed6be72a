"""What a campaign file says of broadcasts: what operators may send once to all players of a segment, on which terms.

Nothing of it is sent by itself: an operator plans and confirms each, and what stands here is what the plan is of.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field

from core.answers import Line, VerbName
from core.campaign.findings import remedy
from core.campaign.grammar import Named, Phrases, PlaceName, SectionList, Within
from core.campaign.platforms import unknown_channels
from core.campaign.quantities import MomentField, clock_trouble
from core.campaign.rules import Rules
from core.campaign.unasked import QuietField
from core.segments.in_files import SEGMENT_SPELT, SegmentText, segment_or_why
from core.triggers import Words

_KEY = "broadcasts"


class BroadcastRules(Named):
    """What is said once to all players of a segment, when an operator sends it."""

    to: SegmentText = Field("everybody", description="To whom: a segment, such as everybody.")
    say: Phrases = Field(description="What is said.")
    at: MomentField | None = Field(
        None,
        description="When it goes from, once an operator has confirmed it; without it, as soon as that is done.",
        examples=["2026-12-05 18:00 Asia/Shanghai", "30 days after opening"],
    )
    until: MomentField | None = Field(
        None,
        description="Until when it is news; without it, for seven days.",
        examples=["2026-12-06 20:00 Asia/Shanghai"],
    )
    hours: QuietField | None = Field(
        None, description="The hours of a day in which it goes, where its readers are.", examples=["10:00-20:00"]
    )
    channels: tuple[PlaceName, ...] = Field(
        (),
        description=(
            "By which channels, in the order in which somebody with several is reached; without it, by all of the"
            " campaign, the cheapest first."
        ),
    )


class Broadcasts(SectionList[BroadcastRules]):
    """Everything that operators may send once."""

    key: ClassVar[str] = _KEY
    says: ClassVar[str] = "What operators send once to all players of a segment, when they confirm it: a list."
    called: ClassVar[str] = "broadcasts"
    unasked: ClassVar[bool] = True
    worded: ClassVar[bool] = True

    @classmethod
    def spelling(cls) -> Mapping[str, Mapping[str, Any]]:
        """Its audiences."""
        return {"to": {**SEGMENT_SPELT, "examples": ["everybody", "redeemed in the last 14 days and points >= 100"]}}

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """There may be somebody whom each is for, where the campaign is, and at a time that comes."""
        if not self.each:
            yield (), remedy("the list is empty; add to it or remove the line")
        for position, one in enumerate(self.each):
            yield from (((position, *within), why) for within, why in self._misplaced(rules, one))

    def _misplaced(self, rules: Rules, one: BroadcastRules) -> Iterator[tuple[Within, Line]]:
        assert isinstance(self.words, Words)
        segment, why = segment_or_why(one.to, self.words.segments, rules)
        if segment is not None and segment.alone is not None and segment.alone.as_audience is not None:
            why = segment.alone.as_audience(rules) or why
        if why is not None:
            yield ("to",), why
        yield from unknown_channels(rules, one.channels, "channels")
        for key, moment in (("at", one.at), ("until", one.until)):
            if moment is not None and moment.at is None and moment.after_opening is None:
                yield (
                    (key,),
                    remedy("write an instant, or a length of time after opening; it goes once it is confirmed"),
                )
            elif moment is not None and (trouble := clock_trouble(str(moment))) is not None:
                yield (key,), trouble
        begins, ends = ((None if each is None else each.at) for each in (one.at, one.until))
        if begins is not None and ends is not None and ends <= begins:
            yield ("until",), remedy("it would be over before it begins; give a later instant")
        if begins is not None and rules.closes.at is not None and begins >= rules.closes.at:
            yield ("at",), remedy("the campaign is over by then; give an earlier instant")

    def notes(self, rules: Rules) -> Iterable[Line]:
        """Nothing of it goes by itself."""
        del rules
        if self.each:
            told = "broadcasts: {names}: each goes when an operator confirms it ({verb}), and not before"
            names = ", ".join(each.name for each in self.each)
            yield remedy(told, names=names, verb=VerbName(f"broadcast send {self.each[0].name}"))

    def changes(self, before: Self) -> Iterable[Line]:
        """What may be sent now, and what no more."""
        for one in self.each:
            old = before.named(one.name)
            if old is None:
                yield remedy("The broadcast {name} can be sent, to {segment}.", name=one.name, segment=one.to)
            elif old != one:
                yield remedy("The broadcast {name} is another one, if it was not sent yet.", name=one.name)
        for old in before.each:
            if self.named(old.name) is None:
                yield remedy("The broadcast {name} can be sent no more.", name=old.name)
