"""What invites of a campaign must satisfy beyond their grammar."""

from collections.abc import Iterator

from phonenumbers import SUPPORTED_REGIONS

from core.campaign.rules import Rules
from core.places import overlaps
from core.spelling import guess

Finding = tuple[tuple[str | int, ...], str]


def goods_findings(rules: Rules) -> Iterator[Finding]:
    """Everything that is wrong with what friends bring."""
    yield from _invites(rules)
    if rules.region is not None and rules.region not in SUPPORTED_REGIONS:
        yield ("region",), f"{rules.region} is no country with phone numbers; use one such as CN or GB"


def _invites(rules: Rules) -> Iterator[Finding]:
    if rules.invites is None:
        return
    if not rules.invites.inviter + rules.invites.invitee:
        yield ("invites",), "nobody gets anything; give inviter or invitee some points"
    for position, channel in enumerate(rules.invites.channels or ()):
        if not overlaps(channel, rules.channels):
            meant, place = guess(channel, rules.channels), ("invites", "channels", position)
            yield place, f"{channel} is none of the campaign's channels{meant}; add it there first"


def promised_cents(rules: Rules, codes_count: int) -> int:
    """The most that friends can cost, in hundredths: every code may be the first one of a friend."""
    worth = rules.points.worth.cents if rules.points.worth else 0
    friends = rules.invites.inviter + rules.invites.invitee if rules.invites else 0
    return friends * codes_count * worth
