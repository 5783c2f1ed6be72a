"""Gifts: what points are exchanged for."""

from handlers.gifts.events import Bought
from handlers.gifts.load import GiftRequires, GiftRows, lock_gifts
from handlers.gifts.mechanic import MECHANIC
from handlers.gifts.rules import GiftRules, Gifts
from handlers.gifts.tables import Gift

__all__ = [
    "MECHANIC",
    "Bought",
    "Gift",
    "GiftRequires",
    "GiftRows",
    "GiftRules",
    "Gifts",
    "lock_gifts",
]
