"""What a campaign file says of invites: what friends bring, and where they can be invited."""

from collections.abc import Iterable
from typing import ClassVar, Literal

from pydantic import Field

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.grammar import Limit, PlaceName, Section, Within
from core.campaign.platforms import may_reward, reward_notes, unknown_channels
from core.campaign.quantities import Points
from core.campaign.rules import Rules
from core.places import Place

_RECOMMENDED_PER_DAY = 20


class InviteRules(Section):
    """What friends bring: one inviter a player, set at the first join; one level; after the qualifying act."""

    key: ClassVar[str] = "invites"
    says: ClassVar[str] = "What friends bring: points for whoever brings a friend in, and for the friend."

    inviter: Points = Field(description="For whoever brings a friend in.")
    invitee: Points = Field(description="For the friend.")
    after: Literal["first redemption"] = Field(
        "first redemption", description="What the friend does first: sends a first code that is good."
    )
    per_player_per_day: Limit = Field(
        10, description="Rewards of one player on a day; more friends are welcome, and get theirs."
    )
    recommended_per_day: Limit = Field(
        _RECOMMENDED_PER_DAY, description="Phone numbers of friends that one player may type within 24 hours."
    )
    hold_at: Limit = Field(100, description="From this score on an invite looks made up, and waits for your review.")
    channels: tuple[PlaceName, ...] | None = Field(
        None,
        description=(
            "Where friends can be invited; without it at all channels, but those whose platform forbids rewarding it."
        ),
    )

    @property
    def brings_friends(self) -> bool:
        """They can."""
        return True

    @property
    def waits_for_code(self) -> bool:
        """It brings the reward."""
        return True

    @property
    def gives_points(self) -> bool:
        """For a friend."""
        return bool(self.inviter + self.invitee)

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Somebody gets something, where the campaign is."""
        if not self.gives_points:
            yield (), remedy("nobody gets anything; give inviter or invitee some points")
        yield from unknown_channels(rules, self.channels, "channels")

    def costs(self, rules: Rules, codes_count: int) -> int:
        """Every code may be the first one of a friend."""
        worth = rules.points.worth.cents if rules.points.worth else 0
        return (self.inviter + self.invitee) * codes_count * worth

    def friends_at(self, rules: Rules, place: Place) -> bool:
        """Where the file says, else wherever the platform allows it."""
        return may_reward(rules, self.channels, place)

    def notes(self, rules: Rules) -> Iterable[Line]:
        """Where a platform forbids it."""
        return reward_notes("invites", rules, self.channels)


def invites_on(rules: Rules, place: Place) -> bool:
    """True when friends can be invited at ``place``."""
    invites = rules.section(InviteRules)
    return invites is not None and invites.friends_at(rules, place)


def recommended_per_day(rules: Rules) -> int:
    """Phone numbers that a player may type within 24 hours."""
    invites = rules.section(InviteRules)
    return invites.recommended_per_day if invites else _RECOMMENDED_PER_DAY


def come_for_more(rules: Rules, place: Place) -> bool:
    """Whether friends who come to ``place`` get what another mechanic lets players hand on."""
    return any(each.friends_at(rules, place) for each in rules.each() if not isinstance(each, InviteRules))
