"""Try again: let timers that failed be due once more, all or those of one fault."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core import database
from core.models import Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which failed timers: those of which all that is given is true."""

    kind: str | None = None
    error: str | None = None
    """Part of the error."""
    since: datetime | None = None
    until: datetime | None = None
    """Due from ``since`` on, and before ``until``."""

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What is true of their rows."""
        if self.kind is not None:
            yield Timer.kind == self.kind
        if self.error is not None:
            yield Timer.error.contains(self.error, autoescape=True)
        if self.since is not None:
            yield Timer.due_at >= self.since
        if self.until is not None:
            yield Timer.due_at < self.until


def failed_timers(session: Session, wanted: Wanted | None = None) -> Sequence[Timer]:
    """All failed timers, or those that are wanted, in the order in which they were due, locked."""
    statement = select(Timer).where(Timer.state == "failed", *(wanted or Wanted()).conditions())
    order = statement.order_by(Timer.owner_id, Timer.kind, Timer.subject)
    found = session.scalars(database.locked(order, Timer.occurrence, Timer)).all()
    return sorted(found, key=lambda timer: timer.due_at)


def try_again(session: Session, wanted: Wanted | None = None) -> int:
    """Let failed timers be due again; returns how many."""
    failed = failed_timers(session, wanted)
    for timer in failed:
        timer.state, timer.settled_at, timer.error = "due", None, None
    session.flush()
    return len(failed)
