"""What happens to a code."""

from dataclasses import dataclass
from datetime import datetime

from core.models import Player
from core.places import Place


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The code is this player's now."""

    code_hash: bytes
    player: Player
    first: bool
    """The player's first one."""
    place: Place
    """Where it was sent."""
    at: datetime
