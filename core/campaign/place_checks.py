"""Whether people can reach a campaign at all: its channels and accounts are among those that there are."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from core.campaign.findings import Finding
from core.campaign.rules import Rules
from core.places import place_named
from core.spelling import guess


class KnownPlaces(NamedTuple):
    """Where people can talk with us."""

    channels: Collection[str]
    accounts: Collection[str] | None
    """All accounts, as channel/account; None where nobody knows them."""

    def wrong_with(self, name: str) -> str | None:
        """What is wrong with ``name``, a channel or an account in a campaign file; None when it is there."""
        place, known = place_named(name), sorted(self.channels)
        if place.channel not in self.channels:
            ours = [each for each in self.accounts or () if place_named(each).account == name]
            meant = guess(place.channel, known) or guess(name, [*known, *(self.accounts or ())])
            meant = f" (do you mean {ours[0]}?)" if ours else meant
            return f"there is no channel {place.channel}{meant}; there are {', '.join(known)}"
        if not place.account or self.accounts is None or name in self.accounts:
            return None
        mine = sorted(each for each in self.accounts if place_named(each).channel == place.channel)
        there = ", ".join(mine) or f"none on {place.channel}"
        return f"we have no account {name}{guess(name, mine)}; huoju.toml has {there}"


def place_findings(rules: Rules, known: KnownPlaces) -> Iterator[Finding]:
    """Every channel and account that nobody can reach."""
    for position, name in enumerate(rules.channels):
        if (wrong := known.wrong_with(name)) is not None:
            yield ("channels", position), wrong
