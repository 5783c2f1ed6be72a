"""The contract of a channel and its adapter: what it is made of, what it is handed, what may go wrong at its border.

An adapter authenticates the bytes, decodes, selects and builds InboundMessages, in that order. It opens no
transaction, knows no database and no other adapter.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, NamedTuple, Protocol, TypeVar

from click import Command
from flask import Blueprint
from pydantic import BaseModel

from core.answers import Line, Value
from core.attachments import MediaFetcher
from core.blame import Unavailable
from core.menu import MenuItem
from core.messages import Answer, InboundMessage, Rich
from core.parts import Part
from core.randomness import Randomness
from core.sending.delivery_reports import DeliveryReport
from core.sending.outbound import OutboundMessage, Outcome, SendingAccount
from core.texts.previews import Preview, whole
from core.times import Clock

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
        """Write down ``receipts``. Raises core.blame.Unavailable when the platform should send them again."""
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

    sentence: str
    well: bool
    advice: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    """In the places of both sentences, each of which takes what it needs."""

    @property
    def named(self) -> Line:
        """What was looked at."""
        return Line(self.sentence, self.values)

    @property
    def advised(self) -> Line:
        """What to do."""
        return Line(self.advice, self.values)

    @property
    def what(self) -> str:
        """What was looked at, in English."""
        return self.named.text

    @property
    def remedy(self) -> str:
        """What to do, in English."""
        return self.advised.text


def finding(what: str, well: bool, remedy: str = "", /, **values: Value) -> Finding:  # noqa: FBT001  # as it is read
    """A finding of two sentences, with ``values`` in their places."""
    return Finding(what, well, remedy, values)


class Sends(Protocol):
    """Hands texts to a platform: for adapters that deliver later, one object for each of our accounts.

    It is called from several threads at once, never inside a transaction.
    """

    @property
    def outlet(self) -> SendingAccount:
        """Which account it is, and how it may be used."""
        ...

    def send(self, message: OutboundMessage) -> Outcome:
        """Try once to deliver ``message``, and say within 20 seconds what became of it.

        Every fault of the platform that is known is a value: Refused for good, TryAgain (with ``after`` when the
        platform said how long this account has to wait), Unknown when the text may have arrived. Whatever it raises
        is taken for Unknown.
        """
        ...


@dataclass(frozen=True, slots=True)
class ChannelDependencies:
    """What every half of an adapter may need. ``ends`` is closed when the process is done with them."""

    clock: Clock
    randomness: Randomness
    public_url: str | None
    ends: ExitStack = field(default_factory=ExitStack)


@dataclass(frozen=True, slots=True)
class InboundSink:
    """Where a receiving half hands over what it has received."""

    submit: Submit
    report: Report
    unread: Unread = unheeded
    join: Join = parted


class PersonalMenus(Protocol):
    """Shows one person a menu of their own."""

    def show(self, user: str, words: Sequence[MenuItem]) -> str | None:
        """Offer ``words`` to ``user``, as many as there is room for; without any, what everybody is offered.

        None when it was done, else why not.
        """
        ...


class Link(Protocol):
    """The connections that we hold to a platform for one account, where the platform does not call us."""

    @property
    def sends(self) -> Sends | None:
        """The sending half, where texts can go out by this link only."""
        ...

    def standing(self) -> int:
        """How many connections stand."""
        ...

    def run(self, stopping: threading.Event) -> None:
        """Connect, again and again, until ``stopping``."""
        ...

    def close(self) -> None:
        """Finish what is in flight, and hang up. The engine still takes turns, and nothing is sent any more."""
        ...


Account = TypeVar("Account", bound=BaseModel)
"""What a channel's model makes of an account's table in huoju.toml; it has a ``name``."""


def _none(*_given: object) -> None:
    """A half that a channel has not."""


def _no(_account: BaseModel) -> bool:
    return False


def _nothing_found(_account: BaseModel, _dependencies: ChannelDependencies) -> Iterator[Finding]:
    return iter(())


class CommandRefused(Exception):
    """What was asked on the command line cannot be done; the message says why and what to do."""


class ChannelConsole(Protocol):
    """What a command of a channel is handed. Each part is read when it is asked for."""

    def accounts(self) -> Sequence[BaseModel]:
        """The channel's accounts in huoju.toml."""
        ...

    def words(self, account: str) -> Sequence[MenuItem]:
        """What players can say now at an account, in the order of a menu; the last ones may be left out."""
        ...

    def public_url(self) -> str | None:
        """Where platforms reach us."""
        ...

    def say(self, sentence: str, **values: Value) -> None:
        """Tell ``sentence`` with ``values`` in its places."""
        ...

    def complain(self, sentence: str, **values: Value) -> None:
        """The same of what is not good: the command ends with exit code 1."""
        ...


class Beginner(NamedTuple):
    """Who begins with a channel: what players know them by, where they can be reached, and a secret made for them."""

    brand: str
    public_url: str | None
    secret: str
    """36 hexadecimal digits."""


class FirstAccount(NamedTuple):
    """What somebody begins with on a channel."""

    table: Sequence[str] = ()
    """The lines of its table in huoju.toml; none where no account has to be described."""
    secrets: Mapping[str, str] = {}
    """Its secrets by field, "" for those that the operator has to fill in."""
    settings: Mapping[str, str] = {}
    """Settings of the installation, by name."""
    options: Sequence[str] = ()
    """What the commands that serve the web are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Generic[Account]):
    """One channel, as the processes and the command line use it, put together in bots/<name>/channel.py.

    A channel without one of these halves leaves its field alone.
    """

    name: str
    models: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    """Of its accounts in huoju.toml, by ``kind``; by "" where all are alike."""
    built_in: tuple[Account, ...] = ()
    """Those that are always there."""
    outlet: Callable[[Account], SendingAccount | None] = _none
    """How an account may be used for sending; None where players come and fetch."""
    webhook_path: Callable[[Account], str | None] = _none
    """The path under which the platform calls us; None where we call it."""
    known_as: Callable[[Account], str | None] = _none
    """What people find an account by in their app; None when that is not known."""
    deep_link: Callable[[Account, str], str | None] = _none
    """A link that opens a chat with an account, the word ready to be sent; None where no link can."""
    routes: Callable[[Sequence[Account], ChannelDependencies, InboundSink], Blueprint | None] = _none
    """What all its accounts with a webhook path serve."""
    sender: Callable[[Account, ChannelDependencies], Sends | None] = _none
    """The sending half of an account; None where only its link sends."""
    fetcher: Callable[[Account, ChannelDependencies], MediaFetcher | None] = _none
    """What fetches the media that were sent to an account; None where none can be sent."""
    menus: Callable[[Account, ChannelDependencies], PersonalMenus | None] = _none
    """What shows one person a menu of their own; None where everybody has the same."""
    preview: Callable[[Account | None, str], Preview] = lambda _account, text: whole(text)
    """How a text arrives that is sent by an account, or by one of which nothing is known yet."""
    has_link: Callable[[Account], bool] = _no
    """Whether ``link`` gives one."""
    link: Callable[[Account, ChannelDependencies, InboundSink], Link | None] = _none
    """The link of an account, not yet connected."""
    first: Callable[[Beginner], FirstAccount | None] = _none
    """What `huoju init` begins with; None where nobody begins."""
    doctor: Callable[[Account, ChannelDependencies], Iterator[Finding]] = _nothing_found
    """What an operator should know of an account; each finding may take some seconds."""
    explain: Callable[[str], str | None] = _none
    """What an error code of the platform says, as the row of a text or account has it."""
    ignored: Sequence[tuple[str, str]] = ()
    """How what it tells of to Unread may begin, and what that is in a sentence; the first that fits counts."""
    scenes: bool = False
    """Whether people come by QR codes or links that bring along what the operator called them."""
    commands: Sequence[Command] = ()
    """`huoju <name> <command>`; each is handed a ChannelConsole (click.pass_obj)."""

    @property
    def holds_links(self) -> bool:
        """Whether any of its accounts may have a link."""
        return self.link is not _none
