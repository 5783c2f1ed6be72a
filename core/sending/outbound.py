"""What is handed to an adapter to be sent, how fast an account may send, and what may become of a text."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Rate:
    """``texts`` in each ``per``, and after a silence up to ``burst`` at once."""

    texts: int
    per: timedelta
    burst: int

    def __post_init__(self) -> None:
        assert self.texts >= 1
        assert self.burst >= 1

    @property
    def interval(self) -> timedelta:
        """From one text to the next."""
        return self.per / self.texts


@dataclass(frozen=True, slots=True)
class Outlet:
    """One of our accounts on a channel, and how it may be used."""

    channel: str
    account: str
    rate: Rate
    at_once: int = 8
    """Texts that one process has on the way at the same time."""
    deduplicates: bool = False
    """The platform drops a text whose id it has seen, so even marketing is sent again when its outcome is unknown."""


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """One text on its way to one player."""

    id: str
    """The same each time that this text is tried, and never that of another one."""
    channel: str
    account: str
    user: str
    text: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """The platform has taken it."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The platform has certainly not taken it, and may do so later. ``error`` is a code, never a text."""

    error: str
    after: timedelta | None = None
    """So long the platform wants nothing more from this account: it is closed, and the try does not count."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform will never take it: the player has gone, or the text cannot be sent. ``error`` is a code."""

    error: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken: the answer did not come. ``error`` is a code."""

    error: str


Outcome = Delivered | TryAgain | Refused | Unknown


def dispatch_id(address_key: bytes, sequence: int) -> str:
    """What logs, operators and platforms know a text that is to be delivered by."""
    return f"{address_key.hex()}-{sequence}"


def read_dispatch_id(text: str) -> tuple[bytes, int] | None:
    """The address and sequence number of :func:`dispatch_id`, or None when it is none."""
    found = _DISPATCH_ID.fullmatch(text)
    return (bytes.fromhex(found[1]), int(found[2])) if found else None


_DISPATCH_ID = re.compile(r"([0-9a-f]{32})-([1-9][0-9]{0,8})")
