"""What a turn looks up for its handlers to tell: movements of points, friends, places on the boards."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a player's points: positive when earned."""

    at: datetime
    points: int
    reason: str


class Friends(NamedTuple):
    """What a player's invites have brought so far."""

    joined: int
    waiting: int
    """Recommended by phone, and not heard of yet."""
    rewarded: int
    held: int
    points: int


class Standing(NamedTuple):
    """Where a player and the player's chain stand on the boards; places count from 1, equal ones share theirs."""

    passed: int
    """Friends who took a torch from this player."""
    passed_today: int
    place: int
    place_today: int
    chain_legs: int
    chain_torches: int
    chain_lit: int
    chain_place: int


Board = list[tuple[int, bytes | None, int]]
"""The head of a board, best first: (player id, sealed name, score). A chain stands under whoever began it."""
