"""What a torch relay must satisfy beyond its grammar."""

from collections.abc import Iterator

from core.campaign.goods_checks import Finding
from core.campaign.rules import Rules
from core.places import overlaps
from core.spelling import guess


def relay_findings(rules: Rules) -> Iterator[Finding]:
    """Everything that is wrong with a relay: channels that are none, and a chain that cannot begin."""
    relay = rules.relay
    if relay is None:
        return
    for name, channels in (("channels", relay.channels), ("typed_word", relay.typed_word)):
        for position, channel in enumerate(channels or ()):
            if not overlaps(channel, rules.channels):
                place = ("relay", name, position)
                meant = guess(channel, rules.channels)
                yield place, f"{channel} is none of the campaign's channels{meant}; add it there first"
    if relay.qualify == ("invited",):
        yield ("relay", "qualify"), "nobody could hold the first torch; add code, or quota with quota_per_day"
