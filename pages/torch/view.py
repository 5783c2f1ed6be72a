"""What the torch page shows: a player's torch and its chain, and nothing of a person beyond the name they chose."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pages.chats import Chat
from pages.pictures.state import State

Relight = Literal["never", "later", "now"]


@dataclass(frozen=True, slots=True)
class Torch:
    """The torch that counts for its player now: the one that burns, else the last."""

    state: State
    leg: int
    """1 for whoever began the chain."""
    granted_at: datetime
    ends_at: datetime
    """The first instant at which a friend comes too late."""
    relight_at: datetime | None = None
    """From when one that is out may be lit anew; None where it may not (again)."""

    def state_at(self, now: datetime) -> State:
        """One whose window has passed is out, whether or not a clock has come by yet."""
        return State.OUT if self.state is State.UNLIT and now >= self.ends_at else self.state

    def relight(self, now: datetime) -> Relight:
        """Whether one that is out may be lit anew."""
        if self.relight_at is None:
            return "never"
        return "now" if now >= self.relight_at else "later"


@dataclass(frozen=True, slots=True)
class Chain:
    """What the chain has come to."""

    torches: int
    """Players who hold one."""
    lit: int
    longest_leg: int


@dataclass(frozen=True, slots=True)
class TorchView:
    """What an invite word stands for in a campaign with a relay. Titles are by language."""

    title: Mapping[str, str]
    organiser: Mapping[str, str]
    word: str
    """Grouped for reading, like ``7K2M-9QXR``."""
    name: str | None
    """What the player chose to be called; None for somebody who chose nothing."""
    open: bool
    """Whether the campaign can be played now."""
    zone: ZoneInfo
    torch: Torch | None
    """None before the player's first."""
    chain: Chain | None
    perk: Mapping[str, str] | None
    """What a lit torch lets its player use."""
    friend_has: timedelta | None
    """How long the torch waits that a friend gets by joining; None where joining gives none."""
    chats: Sequence[Chat]
    playground: bool
    """Whether the playground is served here."""

    def state_at(self, now: datetime) -> State | None:
        """How the torch stands; None when there is none."""
        return self.torch.state_at(now) if self.torch else None

    def version(self, now: datetime) -> str:
        """Another one whenever the page would say something new, the time left apart.

        Of a chain that is large a few torches more are nothing new: else every torch of a million would make
        everybody who looks at it ask for everything again.
        """
        relight = self.torch.relight(now) if self.torch else None
        chain = self.chain and (f"{self.chain.torches:.2g}", f"{self.chain.lit:.2g}", self.chain.longest_leg)
        told = (replace(self, chain=None), chain, self.state_at(now), relight)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
