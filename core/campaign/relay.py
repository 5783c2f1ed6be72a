"""The rules of a torch relay: who gets a torch, how long it waits for a friend, and what is left when it goes out."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.campaign.grammar import Limit, Name, Part, Phrases, PlaceName
from core.campaign.quantities import Span

Way = Literal["invited", "code", "quota"]
"""How a first torch is earned: brought in by a friend, by a first code, or among the first who ask on a day."""

SHORTEST_WINDOW, LONGEST_WINDOW = timedelta(seconds=10), timedelta(days=30)


class PerkRules(Part):
    """What a lit torch lets its player use, such as a special skin."""

    name: Name
    title: Phrases


class RelightRules(Part):
    """When a torch that went out may be lit anew: so long after its end, so many times a player."""

    after: Span
    times: Limit


class RelayRules(Part):
    """A torch relay: a torch is lit by the first friend who joins within its window, and every friend gets a torch."""

    window: Span
    qualify: Annotated[tuple[Way, ...], Field(min_length=1)] = ("invited", "code")
    quota_per_day: Limit | None = None
    """With ``qualify: [quota]``: so many torches a campaign day for those who ask first."""
    remind: Annotated[tuple[Span, ...], Field(max_length=10)] = ()
    """So long after it was granted, while it is not lit."""
    perk: PerkRules | None = None
    relight: RelightRules | None = None
    channels: tuple[PlaceName, ...] | None = None
    """Where torches are handed on: all channels, but those whose platform forbids rewarding it."""
    typed_word: tuple[PlaceName, ...] | None = None
    """Where somebody who comes by a scan or a link types a word before joining: where the platform needs it."""

    @model_validator(mode="after")
    def _fits(self) -> "RelayRules":
        if not SHORTEST_WINDOW <= self.window <= LONGEST_WINDOW:
            raise ValueError("window: give between 10 seconds and 30 days")
        if ("quota" in self.qualify) != (self.quota_per_day is not None):
            raise ValueError("quota_per_day: give it together with qualify: [quota]")
        if any(not timedelta() < after < self.window for after in self.remind):
            raise ValueError("remind: each reminder lies within the window")
        if len(set(self.remind)) < len(self.remind) or len(set(self.qualify)) < len(self.qualify):
            raise ValueError("remind, qualify: name each once")
        return self
