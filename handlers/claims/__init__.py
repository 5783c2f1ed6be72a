"""Claims: how what was won or bought reaches its player."""

from handlers.claims.load import ClaimRequires
from handlers.claims.mechanic import MECHANIC
from handlers.claims.parcel import has_many_digits
from handlers.claims.parcel_block import read_parcel
from handlers.claims.parcel_words import SURE_NAME
from handlers.claims.unasked import offer, take_unasked

__all__ = [
    "MECHANIC",
    "SURE_NAME",
    "ClaimRequires",
    "has_many_digits",
    "offer",
    "read_parcel",
    "take_unasked",
]
