"""Outbound: what is handed to an adapter to be sent, how fast an account may send, and what may become of a text."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Literal, NamedTuple, Protocol

from core.messages import Rich


class Category(IntEnum):
    """What kind of text it is, which says when it may be sent and how often; the lower ones go first.

    Texts of one category keep their order within a conversation, and wait for none of another.
    """

    ANSWER = 0
    """To a message of the player: again when the outcome is unknown."""
    NOTICE = 1
    """Of something that happened to the player: again when the outcome is unknown."""
    REMINDER = 2
    """Of what the player would lose, such as a prize: until then, whatever becomes of the campaign. Unasked."""
    NUDGE = 3
    """Of what the player could do in the campaign, such as passing on a torch, while there is one. Unasked."""
    MARKETING = 4
    """Unasked, while there is a campaign, and so often as its file allows: once at most, even if nobody knows."""

    @property
    def unasked(self) -> bool:
        """Never sent to somebody who opted out, nor in quiet hours, nor when it is out of date."""
        return self >= Category.REMINDER


STALE = timedelta(days=7)
"""What is unasked is news no more after so long, where nothing else says when it is out of date."""


class SendMode(StrEnum):
    """By which of its rights a text is sent, where the platform counts them."""

    PLAIN = "plain"
    """As a message: the platform counts nothing, or the player has spoken lately."""
    CONSENT = "consent"
    """As the one notice that the player agreed to get, by ``OutboundMessage.template``."""
    TEMPLATE = "template"
    """As a notice by a template of the account, ``OutboundMessage.template``."""


Right = Literal["typed", "tapped", "consent", "template"]
"""Which right a text takes up, where the platform counts them: two for messages, two for notices."""


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
class Cost:
    """What one text costs: ``micros`` are millionths of one unit of ``currency`` (ISO 4217)."""

    parts: int
    micros: int
    currency: str


class Spent(NamedTuple):
    """What some texts have cost."""

    texts: int
    parts: int
    micros: int


class Tariff(Protocol):
    """What a text costs at an account whose platform charges for each one."""

    def cost(self, user: str, text: str) -> Cost:
        """The cost of ``text``, sent to ``user`` as it is."""
        ...

    def prefix(self, user: str) -> str:
        """The block of numbers that ``user`` belongs to, such as "+8613800": what is watched for pumped traffic."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account may spend. None of it is a limit of the platform: it is what we can bear."""

    tariff: Tariff
    micros_per_hour: int | None = None
    """The breaker: above this nothing more goes until the next hour, answers included."""
    texts_per_prefix_per_hour: int | None = None
    """Above this nothing more goes to a block of numbers until the next hour."""


@dataclass(frozen=True, slots=True)
class SendingAccount:
    """One of our accounts on a channel, and how it may be used."""

    channel: str
    account: str
    rate: Rate
    at_once: int = 8
    """Texts that one process has on the way at the same time."""
    deduplicates: bool = False
    """The platform drops a text whose id it has seen, so even marketing is sent again when its outcome is unknown."""
    limits: Limits | None = None
    templates: Collection[str] = field(default=())
    """Templates by which a notice goes when the player has agreed to one of them, where the platform counts rights."""
    template: str | None = None
    """The template by which any notice may go, where the platform counts rights."""
    ids_by_value: bool = False
    """Receipts may spell the platform's ids in another way than it did when it took a text."""


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
    language: str = "zh"
    category: Category = Category.ANSWER
    rich: Rich | None = None
    """The text where there are buttons and pictures, when that is another one."""
    mode: SendMode = SendMode.PLAIN
    template: str | None = None
    expires_at: datetime | None = None
    """From then on nobody wants it; None when that is not known."""
    thread: str | None = None
    """Where within the conversation the message was said that it answers, as the platform calls it."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The platform has taken it.

    ``external_ids`` are what the platform calls it, one for each part, where receipts will name them.
    """

    external_ids: tuple[str, ...] = ()
    cost: Cost | None = None
    cut: bool = False
    """Not all of it had room: the whole text is still to be said, as soon as the player speaks."""
    conceded: tuple[str, ...] = ()
    """What the platform did not take of it, in codes: it was said in a plainer way, or in another place."""


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
    unreachable: bool = False
    """The player cannot be reached any more: blocked us, left, or the number does not exist."""
    unwanted: bool = False
    """The player told the platform to let nothing of ours through: a wish as good as STOP. They have gone, too."""
    window_exhausted: bool = False
    """Not refused for good: the player must speak to us first, as the right to send was used up or has expired."""
    elsewhere: bool = False
    """Refused on this way only: another right may do, or else the player's next word."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been taken: the answer did not come, or nobody can read it. ``error`` is a code."""

    error: str
    again: bool = True
    """Whether an answer or a notice is sent again by itself; False where the platform did answer."""
    closes: bool = False
    """What it answers cannot be read at all: each further text would be lost like this one, so the account is paused
    until an operator has looked. ``error`` says which part was missing, by names and paths, never texts."""


UNREADABLE = "unreadable:"
"""How the error of an outcome begins for which a platform's answer could not be read."""


def unreadable(what: str) -> Unknown:
    """The outcome where a platform answered that all is well, or so it seems, and ``what`` could not be read of it."""
    return Unknown(f"{UNREADABLE}{what}", again=False, closes=True)


Outcome = Delivered | TryAgain | Refused | Unknown


class HeldText(NamedTuple):
    """A text that was held until its player speaks, opened; its dispatch is locked."""

    address_key: bytes
    sequence: int
    """Of the text within its conversation."""
    ref: str
    part: int
    category: Category
    text: str
    rich: Rich | None


@dataclass(slots=True)
class Held:
    """What is held for the addresses of a turn."""

    texts: dict[bytes, list[HeldText]] = field(default_factory=dict)
    """What may go now, by address, in order."""
    carried: list[tuple[HeldText, str]] = field(default_factory=list)
    """What rides on the answer to a message, with the external id of that."""


def dispatch_id(address_key: bytes, sequence: int) -> str:
    """What logs, operators and platforms know a text that is to be delivered by."""
    return f"{address_key.hex()}-{sequence}"


def read_dispatch_id(text: str) -> tuple[bytes, int] | None:
    """The address and sequence number of :func:`dispatch_id`, or None when it is none."""
    found = _DISPATCH_ID.fullmatch(text)
    return (bytes.fromhex(found[1]), int(found[2])) if found else None


_DISPATCH_ID = re.compile(r"([0-9a-f]{32})-([1-9][0-9]{0,8})")
