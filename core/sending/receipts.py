"""Receipts: what a platform says later about a text that it took."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """What became of a text after the platform took it."""

    ON_ITS_WAY = "on_its_way"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt of one account. It names the text by the platform's id of a part, or by ours, or by both."""

    channel: str
    account: str
    fate: Fate
    external_ids: tuple[str, ...] = ()
    """The platform's one id as the receipt spells it, likeliest first."""
    dispatch: str | None = None
    """Our id, ``OutboundMessage.id``, where the platform returns what it was told."""
    error: str | None = None
    """The platform's code, never a text."""
    gone: bool = False
    """The player cannot be reached any more."""
    unwanted: bool = False
    """The player told the platform to let nothing of ours through: a wish as good as STOP."""
    at: datetime | None = None
    """When the platform says that this happened, where it does; else it counts as of when we hear of it."""
    by_value: bool = False
    """The platform may have spelt the id differently when it took the text (core/sending/receipt_ids.py)."""
