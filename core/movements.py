"""Movements of points."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of a player's points: positive when earned."""

    at: datetime
    points: int
    reason: str
