"""What a channel is to the processes: the halves of its adapter, made for accounts that huoju.toml describes."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import ClassVar, Generic, Protocol, TypeVar

from flask import Blueprint
from pydantic import BaseModel

from bots.base import Finding, Join, Report, Sends, Submit, Unread, parted, unheeded
from core.randomness import Randomness
from core.sending.outbound import Outlet
from core.times import Clock

Table = TypeVar("Table", bound=BaseModel)
"""What the model of a channel makes of an account's table."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every half of an adapter may need. ``ends`` is closed when the process is done with them."""

    clock: Clock
    randomness: Randomness
    public_url: str | None
    ends: ExitStack = field(default_factory=ExitStack)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a receiving half hands over what it has received."""

    submit: Submit
    report: Report
    unread: Unread = unheeded
    join: Join = parted


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


class Channel(ABC, Generic[Table]):
    """One channel. A channel without one of these halves leaves its method alone."""

    name: ClassVar[str]
    models: ClassVar[Mapping[str, type[BaseModel]]]
    """Of its accounts, by kind; by "" where all are alike."""

    @abstractmethod
    def outlet(self, table: Table) -> Outlet:
        """How the account may be used for sending."""

    @abstractmethod
    def address(self, table: Table) -> str | None:
        """The path under which the platform calls us, None where we call it."""

    def known_as(self, table: Table) -> str | None:  # noqa: ARG002
        """What people find the account by in their app; None when that is not known."""
        return None

    def opens(self, table: Table, word: str) -> str | None:  # noqa: ARG002
        """A link that opens a chat with the account, ``word`` ready to be sent; None where no link can."""
        return None

    def doors(self, tables: Sequence[Table], around: Surroundings, desk: Desk) -> Blueprint | None:  # noqa: ARG002
        """The doors of all its accounts."""
        return None

    def sends(self, table: Table, around: Surroundings) -> Sends | None:  # noqa: ARG002
        """The sending half of an account, None where only its link sends."""
        return None

    def link(self, table: Table, around: Surroundings, desk: Desk) -> Link | None:  # noqa: ARG002
        """The link of an account, where it has one."""
        return None

    def has_link(self, table: Table) -> bool:  # noqa: ARG002
        """Whether :meth:`link` gives one."""
        return False

    @abstractmethod
    def findings(self, table: Table, around: Surroundings) -> Iterator[Finding]:
        """What an operator should know of an account; each may take some seconds."""
