"""Whether people can reach a campaign at all: its channels and accounts are among those that there are."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from core.answers import Line
from core.campaign.findings import Finding, meant, remedy
from core.campaign.rules import Rules
from core.places import place_named
from core.spelling import nearest


class KnownPlaces(NamedTuple):
    """Where people can talk with us."""

    channels: Collection[str]
    accounts: Collection[str] | None
    """All accounts, as channel/account; None where nobody knows them."""

    def wrong_with(self, name: str) -> Line | None:
        """What is wrong with ``name``, a channel or an account in a campaign file; None when it is there."""
        place, known = place_named(name), sorted(self.channels)
        if place.channel not in self.channels:
            ours = [each for each in self.accounts or () if place_named(each).account == name]
            near = nearest(place.channel, known) or nearest(name, [*known, *(self.accounts or ())])
            near = ours[0] if ours else near
            told = "there is no channel {channel}{meant}; there are {known}"
            asked = meant(near, [near]) if near else remedy("")
            return remedy(told, channel=place.channel, meant=asked, known=", ".join(known))
        if not place.account or self.accounts is None or name in self.accounts:
            return None
        mine = sorted(each for each in self.accounts if place_named(each).channel == place.channel)
        if not mine:
            told = "we have no account {name}; huoju.toml has none on {channel}"
            return remedy(told, name=name, channel=place.channel)
        told = "we have no account {name}{meant}; huoju.toml has {there}"
        return remedy(told, name=name, meant=meant(name, mine), there=", ".join(mine))


def place_findings(rules: Rules, known: KnownPlaces) -> Iterator[Finding]:
    """Every channel and account that nobody can reach."""
    for position, name in enumerate(rules.channels):
        if (wrong := known.wrong_with(name)) is not None:
            yield ("channels", position), wrong
