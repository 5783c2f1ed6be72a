"""What anybody may see of a torch, as values: how it stands, what its chain has come to, and the people of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Relight = Literal["never", "later", "now"]


class TorchState(StrEnum):
    """Values are the words that a torch's row uses."""

    UNLIT = "unlit"
    LIT = "lit"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class ShownTorch:
    """The torch that counts for its player now: the one that burns, else the last."""

    state: TorchState
    leg: int
    """1 for whoever began the chain."""
    granted_at: datetime
    ends_at: datetime
    """The first instant at which a friend comes too late."""
    relight_at: datetime | None = None
    """From when one that is out may be lit anew; None where it may not (again)."""

    def state_at(self, now: datetime) -> TorchState:
        """One whose window has passed is out, whether or not a clock has come by yet."""
        return TorchState.OUT if self.state is TorchState.UNLIT and now >= self.ends_at else self.state

    def relight(self, now: datetime) -> Relight:
        """Whether one that is out may be lit anew."""
        if self.relight_at is None:
            return "never"
        return "now" if now >= self.relight_at else "later"


class ChainTotals(NamedTuple):
    """What a chain has come to."""

    torches: int
    """Players who hold one."""
    lit: int
    longest_leg: int


@dataclass(frozen=True, slots=True)
class TorchView:
    """What an invite word stands for in a campaign with a relay. Titles are by language."""

    campaign: str
    """Its name, as links to its boards have it."""
    title: Mapping[str, str]
    organiser: Mapping[str, str]
    word: str
    """Grouped for reading, like ``7K2M-9QXR``."""
    name: str | None
    """What the player chose to be called; None for somebody who chose nothing."""
    open: bool
    """Whether the campaign can be played now."""
    zone: ZoneInfo
    torch: ShownTorch | None
    """None before the player's first."""
    chain: ChainTotals | None
    perk: Mapping[str, str] | None
    """What a lit torch lets its player use."""
    friend_has: timedelta | None
    """How long the torch waits that a friend gets by joining; None where joining gives none."""

    def state_at(self, now: datetime) -> TorchState | None:
        """How the torch stands; None when there is none."""
        return self.torch.state_at(now) if self.torch else None


@dataclass(frozen=True, slots=True)
class ChainNode:
    """One person of a chain. A parent that is not among the nodes makes it a beginning."""

    id: int
    parent_id: int | None
    leg: int
    """1 for whoever began the chain; of a beginning, ``leg - 1`` torches are said to stand before it."""
    state: TorchState
    name: str | None = None
    hidden: int = 0
    """Torches below this one that are not among the nodes."""


class ShownChain(NamedTuple):
    """The people of a chain that are worth drawing. Every node's parent is among them, too."""

    nodes: Sequence[ChainNode]
    me: int


class BoardLine(NamedTuple):
    """One line of a board."""

    name: str | None
    """What the player chose to be called; None for somebody who chose nothing."""
    score: int


class BoardsView(NamedTuple):
    """The boards of a campaign. Titles are by language."""

    title: Mapping[str, str]
    organiser: Mapping[str, str]
    boards: Mapping[str, Sequence[BoardLine]]
    """The best first: "longest" (chains by legs), "lit" (chains by burning torches), "today" (players by friends)."""
