"""Codes: one on each pack, redeemed once."""

from handlers.codes.events import Redeemed
from handlers.codes.load import CodeRequires, CodeRows, FoundCode, campaign_of, code_hash, played_by
from handlers.codes.measures import CodeHistory, load_history
from handlers.codes.mechanic import MECHANIC
from handlers.codes.say import (
    ALONE_ROUTE,
    Mistyped,
    Redeem,
    mistyped,
    recognise_code,
    recognise_code_alone,
    recognise_hidden_code,
    recognise_typo,
    redeem,
)
from handlers.codes.tables import Redemption

__all__ = [
    "ALONE_ROUTE",
    "MECHANIC",
    "CodeHistory",
    "CodeRequires",
    "CodeRows",
    "FoundCode",
    "Mistyped",
    "Redeem",
    "Redeemed",
    "Redemption",
    "campaign_of",
    "code_hash",
    "load_history",
    "mistyped",
    "played_by",
    "recognise_code",
    "recognise_code_alone",
    "recognise_hidden_code",
    "recognise_typo",
    "redeem",
]
