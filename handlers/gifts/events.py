"""What happens to a gift."""

from dataclasses import dataclass
from datetime import datetime

from core.models import Player
from handlers.gifts.rules import GiftRules


@dataclass(frozen=True, slots=True)
class Bought:
    """One piece of ``gift`` has left the stock for ``player``, who paid for it."""

    player: Player
    gift: GiftRules
    number: int
    """Of the purchase, and of what is claimed by it."""
    ref: str
    """Of the transfer that brought the piece."""
    at: datetime
