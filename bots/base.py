"""The contract of an adapter: what it is handed, and the closed list of what may go wrong at its border.

An adapter authenticates the bytes, decodes, selects and builds InboundMessages, in that order. It opens no
transaction, knows no database and no other adapter.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.engine.failing import Unavailable
from core.messages import Answer, InboundMessage, Rich
from core.parts import Part
from core.sending.delivery_reports import DeliveryReport
from core.sending.outbound import OutboundMessage, Outcome, Outlet

BODY_LIMIT = 64 * 1024
"""Bytes of a request that are read; a longer one is refused unread."""

DELIVERY_LIMIT = 1024 * 1024
"""The same where a platform may tell much at once: many messages in a list, or one that quotes another."""

LARGEST_LIMIT = 8 * 1024 * 1024
"""The same where only the body shows who sent it, one at a time: a platform whose proof is there is never refused for
what it has to tell."""


class Forged(Exception):
    """The request does not prove who sent it: answer 403."""


class Malformed(Exception):
    """The request cannot be understood: answer 400 with this message, which names the part and the remedy."""


class Unusable(Malformed):
    """The request proves who sent it and cannot be understood: thank for it, and count it. Raised inside an adapter."""


class Cut(Exception):
    """The body ended before its end: answer 400, so that it comes again. Nothing of it was heard."""


class Submit(Protocol):
    """Hands a message to the engine; raises core.engine.engine.Busy when too many wait."""

    def __call__(self, message: InboundMessage) -> "Future[Answer]":
        """Queue ``message`` for the next turn."""
        ...


def submit_and_wait(submit: Submit, message: InboundMessage, limit_s: float) -> Answer:
    """The answer to ``message``. Raises Busy at once, or Unavailable after ``limit_s``: let the platform deliver again.

    A message whose turn has not begun by then is withdrawn; otherwise the next delivery finds its stored answer. So
    nothing may be confirmed to a platform before this returns.
    """
    future = submit(message)
    try:
        return future.result(limit_s)
    except TimeoutError:
        future.cancel()
        raise Unavailable("the turn takes too long") from None


class Said(Protocol):
    """A text that was said to an address: ``sequence`` numbers it within its conversation, from 1."""

    @property
    def sequence(self) -> int:
        """Place in the conversation."""
        ...

    @property
    def text(self) -> str:
        """The words."""
        ...

    @property
    def said_at(self) -> datetime:
        """When, in UTC."""
        ...

    @property
    def rich(self) -> Rich | None:
        """The same where there are buttons; None when it is the same everywhere."""
        ...


class Collect(Protocol):
    """Delivers what was said: for adapters whose player comes and fetches."""

    def __call__(self, address: tuple[str, str, str], after: int) -> Sequence[Said]:
        """All texts said to (channel, account, user) after sequence number ``after``, now marked as sent."""
        ...


class Report(Protocol):
    """Takes receipts; the same one again changes nothing."""

    def __call__(self, receipts: Sequence[DeliveryReport]) -> None:
        """Write down ``receipts``. Raises core.engine.failing.Unavailable when the platform should send them again."""
        ...


class Unread(Protocol):
    """Counts and logs a delivery of a platform that proved itself and could not be read, or was nobody's message.

    A platform delivers again whatever is refused, for a day or for ever, and holds back what comes after it. So what
    cannot be read is thanked for, and shows in the numbers and the log.
    """

    def __call__(self, channel: str, account: str, what: str, external_id: str | None) -> None:
        """``what`` names the part, ``external_id`` is the platform's id of the delivery, as far as it is known."""
        ...


class Join(Protocol):
    """Keeps the parts of a long message that a platform tells one by one, until all are there."""

    def __call__(self, message: InboundMessage, part: Part) -> InboundMessage | None:
        """The whole message when ``message``, a part, makes it complete. Raises Unavailable: it should come again."""
        ...


def parted(message: InboundMessage, part: Part) -> InboundMessage | None:  # noqa: ARG001  # that of a Join
    """A :class:`Join` that joins nothing."""
    return message


def unheeded(channel: str, account: str, what: str, external_id: str | None) -> None:
    """An :class:`Unread` that counts nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at for an operator: ``what`` names it, ``remedy`` says what to do unless it is well."""

    what: str
    well: bool
    remedy: str = ""


class Sends(Protocol):
    """Hands texts to a platform: for adapters that deliver later, one object for each of our accounts.

    It is called from several threads at once, never inside a transaction.
    """

    @property
    def outlet(self) -> Outlet:
        """Which account it is, and how it may be used."""
        ...

    def send(self, message: OutboundMessage) -> Outcome:
        """Try once to deliver ``message``, and say within 20 seconds what became of it.

        Every fault of the platform that is known is a value: Refused for good, TryAgain (with ``after`` when the
        platform said how long this account has to wait), Unknown when the text may have arrived. Whatever it raises
        is taken for Unknown.
        """
        ...
