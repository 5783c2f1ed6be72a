"""What a campaign file calls segments, so that they can be said by a name."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, RootModel

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.grammar import Name, UsualSection, Within
from core.campaign.rules import Rules
from core.segments.in_files import SegmentText, segment_or_why
from core.segments.spelling import folded
from core.triggers import Words


class NamedSegments(UsualSection, RootModel[Annotated[dict[Name, SegmentText], Field(max_length=100)]]):
    """Segments by the names that this file gives them."""

    model_config = ConfigDict(extra=None)  # its keys are names
    key: ClassVar[str] = "segments"
    says: ClassVar[str] = "Names for segments: whom you mean, to be said by its name elsewhere."
    worded: ClassVar[bool] = True

    @property
    def segments_named(self) -> Mapping[str, str]:
        """All of them."""
        return self.root

    @classmethod
    def usual(cls) -> "NamedSegments":
        """None."""
        return cls({})

    @classmethod
    def spelling(cls) -> Mapping[str, Mapping[str, Any]]:
        """Nothing but names stands in it."""
        return {"": {"additionalProperties": False, "examples": [{"lucky": "won a prize in the last 30 days"}]}}

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Each can be read and may match somebody, and is called like no word of the language."""
        assert isinstance(self.words, Words)
        if not self.root:
            yield (), remedy("the list is empty; add to it or remove the line")
        taken = set(self.words.segments.spelling.known)
        for name, text in self.root.items():
            if folded(name) in taken:
                yield (name,), remedy("{name} means something in segments already; choose another name", name=name)
            _, why = segment_or_why(text, self.words.segments, rules)
            if why is not None:
                yield (name,), why
