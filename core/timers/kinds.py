"""What a kind of timer is: how what it needs is loaded, and what it does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from core.context import TurnRows
from core.models import Timer


@dataclass(frozen=True, slots=True)
class Later:
    """Not yet: the timer stays due, at another instant, which lies ahead."""

    due_at: datetime


@dataclass(frozen=True, slots=True)
class TimerKind:
    """One kind of timer: how what it needs is loaded, and what it does.

    The players whom the timers concern are locked, with the address of each that was heard last, before ``load``.
    ``fire`` returns True when it did its work, False when the timer's reason has gone, Later when it must wait.
    """

    name: str
    load: Callable[[Session, TurnRows, Sequence[Timer]], None]
    fire: Callable[[TurnRows, Timer, datetime], bool | Later]
    alone: bool = False
    """True when each takes a transaction of its own and ``load`` locks its players, with others whom it finds first."""


Kinds = Mapping[str, TimerKind]
Key = tuple[int, str, str, int]
"""Primary key of a timer: owner, kind, subject, occurrence."""
