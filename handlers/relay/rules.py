"""What a campaign file says of its torch relay, and of the names that its players are called by.

A torch is earned, waits for a friend, and something is left when it goes out.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from core.answers import Line
from core.campaign.findings import Unfit, remedy
from core.campaign.grammar import Limit, Name, Part, Phrases, PlaceName, Section, Within
from core.campaign.platforms import may_reward, reward_notes, unknown_channels
from core.campaign.quantities import Span
from core.campaign.rules import Rules
from core.places import Place

Way = Literal["invited", "code", "quota"]
"""How a first torch is earned: brought in by a friend, by a first code, or among the first who ask on a day."""

SHORTEST_WINDOW, LONGEST_WINDOW = timedelta(seconds=10), timedelta(days=30)


class PerkRules(Part):
    """What a lit torch lets its player use, such as a special skin."""

    name: Name = Field(description="What your lists call it; each name once.")
    title: Phrases = Field(description="What players call it.")


class RelightRules(Part):
    """When a torch that went out may be lit anew: so long after its end, so many times a player."""

    after: Span = Field(description="So long after it went out.")
    times: Limit = Field(description="So many times a player.")


class RelayRules(Section):
    """A torch relay: a torch is lit by the first friend who joins within its window, and every friend gets a torch."""

    key: ClassVar[str] = "relay"
    says: ClassVar[str] = (
        "A torch relay: a torch is lit by the first friend who joins in time, and every friend gets a torch."
    )
    told_as: ClassVar[str] = "relay"
    reminds: ClassVar[bool] = True

    window: Span = Field(description="How long a torch waits for a friend.")
    qualify: Annotated[tuple[Way, ...], Field(min_length=1)] = Field(
        ("invited", "code"),
        description=(
            "How a first torch is earned: invited by a friend, by a first code, or by quota, among the first"
            " who ask on a day."
        ),
    )
    quota_per_day: Limit | None = Field(
        None, description="With qualify: [quota], torches a day for those who ask first."
    )
    remind: Annotated[tuple[Span, ...], Field(max_length=10)] = Field(
        (), description="Reminders, so long after the torch was given, while it is not lit."
    )
    perk: PerkRules | None = Field(None, description="What a lit torch lets its player use, such as a special skin.")
    relight: RelightRules | None = Field(None, description="When a torch that went out may be lit anew.")
    channels: tuple[PlaceName, ...] | None = Field(
        None,
        description=(
            "Where torches are handed on; without it at all channels, but those whose platform forbids rewarding it."
        ),
    )
    typed_word: tuple[PlaceName, ...] | None = Field(
        None,
        description=(
            "Where somebody who comes by a scan or a link types a word before joining; without it where the"
            " platform needs it."
        ),
    )

    @model_validator(mode="after")
    def _fits(self) -> "RelayRules":
        if not SHORTEST_WINDOW <= self.window <= LONGEST_WINDOW:
            raise Unfit("window: give between 10 seconds and 30 days")
        if ("quota" in self.qualify) != (self.quota_per_day is not None):
            raise Unfit("quota_per_day: give it together with qualify: [quota]")
        if any(not timedelta() < after < self.window for after in self.remind):
            raise Unfit("remind: each reminder lies within the window")
        if len(set(self.remind)) < len(self.remind) or len(set(self.qualify)) < len(self.qualify):
            raise Unfit("remind, qualify: name each once")
        return self

    @property
    def played(self) -> bool:
        """It is."""
        return True

    @property
    def brings_friends(self) -> bool:
        """Each gets a torch."""
        return True

    @property
    def takes_codes(self) -> bool:
        """Whether a first code brings a torch."""
        return "code" in self.qualify

    @property
    def waits_for_code(self) -> bool:
        """Whether the torch of a friend comes from whoever brought the friend in, by a code."""
        return "invited" not in self.qualify

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Its channels are the campaign's, and a chain can begin."""
        yield from unknown_channels(rules, self.channels, "channels")
        yield from unknown_channels(rules, self.typed_word, "typed_word")
        if self.qualify == ("invited",):
            yield ("qualify",), remedy("nobody could hold the first torch; add code, or quota with quota_per_day")

    def friends_at(self, rules: Rules, place: Place) -> bool:
        """Where the file says, else wherever the platform allows it."""
        return may_reward(rules, self.channels, place)

    def asks_word(self, place: Place) -> bool | None:
        """Where the file says so."""
        return None if self.typed_word is None else place.is_among(self.typed_word)

    def notes(self, rules: Rules) -> Iterable[Line]:
        """Where a platform forbids it."""
        return reward_notes("the relay", rules, self.channels)


def relay_on(rules: Rules, place: Place) -> bool:
    """True when torches are handed on at ``place``."""
    relay = rules.section(RelayRules)
    return relay is not None and relay.friends_at(rules, place)


BlockedWord = Annotated[str, StringConstraints(pattern=r"^[~*]?[^\s~*]{1,40}$")]
"""word, *word anywhere, ~word only waits."""


class NameRules(Section):
    """How names that players choose are moderated (`huoju names`); without it the shipped list counts."""

    key: ClassVar[str] = "names"
    says: ClassVar[str] = "How names that players choose are looked at before others see them."

    allowed: bool = Field(True, description="Whether players may choose a name.")
    review: Literal["none", "doubtful", "all"] = Field(
        "doubtful",
        description="Which names wait for an operator; none looks at nothing, not even at the list of words.",
    )
    blocked: Annotated[tuple[BlockedWord, ...], Field(max_length=5000)] | None = Field(
        None,
        description=(
            "Words that no name may be, in place of the usual list: word, *word anywhere in a name, ~word only waits."
        ),
    )
