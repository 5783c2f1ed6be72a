"""What happens in a draw."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.models import Player
from handlers.draws.rules import PrizeRules


@dataclass(frozen=True, slots=True)
class Won:
    """One piece of ``prize`` has left the stock for ``player``."""

    prize: PrizeRules
    player: Player
    number: int
    """How many the player has won by now."""
    source: Literal["draw", "second"]
    """By a code that was redeemed, or where somebody else's piece was drawn for again."""
    ref: str
    """Of the transfer that brought the piece."""
    at: datetime
