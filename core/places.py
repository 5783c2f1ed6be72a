"""Places: where people talk with us. A campaign file names a channel, or one of our accounts on it."""

from collections.abc import Collection
from typing import NamedTuple


class Place(NamedTuple):
    """One of our accounts on a channel."""

    channel: str
    account: str

    def __str__(self) -> str:
        return f"{self.channel}/{self.account}"

    def is_among(self, names: Collection[str]) -> bool:
        """Whether ``names`` has this account as channel/account, or its channel with all of them."""
        return self.channel in names or f"{self.channel}/{self.account}" in names


def place_named(name: str) -> Place:
    """What a campaign file calls ``name``; a channel alone is the account "", which nothing but the channel names."""
    channel, _, account = name.partition("/")
    return Place(channel, account)


def overlaps(name: str, others: Collection[str]) -> bool:
    """Whether some account that ``name`` means is among ``others``, too."""
    place = place_named(name)
    return place.is_among(others) or (not place.account and any(place_named(each)[0] == name for each in others))
