"""Execution: fire what is due: hundreds of timers a transaction, their effect and the "fired" mark in one commit.

Any number of clocks may do it at once: each takes the timers that no other has. One that cannot be carried out is
marked failed, with the place where it broke, and spoils nobody else's. What the world does (core/blame.py) fails
none: what was due stays due, and one that it happens to alone lets the others go first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, and_, select, text, tuple_
from sqlalchemy.orm import Session

from core import database
from core.blame import Blame, Suspects, blame, is_worlds, where
from core.database import read_only
from core.engine.runtime import Runtime
from core.engine.unit_of_work import unit_of_work
from core.models import Timer
from core.timers.kinds import Key, Kinds, Later

log = structlog.get_logger()

CHUNK = 500
_TRIES = 4
_KEY = (Timer.owner_id, Timer.kind, Timer.subject, Timer.occurrence)


def fire_due(runtime: Runtime, at: datetime, chunk: int = CHUNK, suspects: Suspects | None = None) -> int:
    """Fire all timers that are due at ``at``; returns how many were looked at.

    Raises what the database raises when it stays away.
    """
    total = 0
    while taken := fire_chunk(runtime, at, chunk, suspects):
        total += taken
    return total


def next_due(runtime: Runtime) -> datetime | None:
    """When the next timer is due, or was; None when none waits. Reads only."""
    with read_only(runtime.sessions) as session:
        return session.scalar(
            select(Timer.due_at).where(_waits(runtime.mechanics.timers)).order_by(Timer.due_at).limit(1)
        )


def fire_chunk(runtime: Runtime, at: datetime, chunk: int = CHUNK, suspects: Suspects | None = None) -> int:
    """Fire up to ``chunk`` timers that are due at ``at``; returns how many were looked at, 0 when none is due.

    Raises what the database raises when it stays away. ``suspects`` remembers whom it failed alone.
    """
    first, kinds = next_due(runtime), runtime.mechanics.timers
    if first is None or first > at:
        return 0
    together = {name: kind for name, kind in kinds.items() if not kind.alone}
    alone = {name: kind for name, kind in kinds.items() if kind.alone}
    known = suspects or Suspects()

    def fire(left_out: Sequence[Key]) -> int:
        some = [_Due(each, at, left_out) for each in (together, alone) if each]
        return sum(_fire_some(runtime, each, 1 if each.kinds is alone else chunk, known) for each in some)

    left_out: list[Key] = known.keys()
    return fire(left_out) or (fire([]) if left_out else 0)


def _waits(kinds: Kinds) -> ColumnElement[bool]:
    # Spelt out, for the index that holds only these.
    return and_(text("timers.state = 'due'"), Timer.kind.in_(sorted(kinds)))


@dataclass(frozen=True, slots=True)
class _Due:
    """Timers of these kinds that are due at ``at``, but for some."""

    kinds: Kinds
    at: datetime
    left_out: Sequence[Key]

    def take(self, session: Session, most: int) -> Sequence[Timer]:
        """Up to ``most`` of them, those that have waited longest, locked."""
        due = select(Timer).where(_waits(self.kinds), Timer.due_at <= self.at).limit(most)
        if self.left_out:
            due = due.where(tuple_(*_KEY).not_in(self.left_out))
        return session.scalars(database.taken(due, Timer.due_at, Timer)).all()


def _fire_some(runtime: Runtime, due: _Due, most: int, suspects: Suspects) -> int:
    for tries_left in reversed(range(_TRIES)):
        taken: list[Key] = []
        try:
            count = _fire_together(runtime, due, most, taken)
        except Exception as error:
            if not taken:
                raise  # the database is at fault: the next tick tries again
            if blame(error) is Blame.RACE and tries_left:
                continue  # a race that somebody else won
            if most > 1:
                break
            if _is_its_own(error, taken[0], suspects):
                return _fail(runtime, taken[0], due.at, error)
            raise
        if taken:
            suspects.went_well(*taken)
        return count
    return _fire_some(runtime, due, max(most // 4, 1), suspects)


def _is_its_own(error: Exception, key: Key, suspects: Suspects) -> bool:
    """True when ``error`` would happen to the one timer ``key`` again and again, and not because of the world."""
    doubted = blame(error) is Blame.DOUBT and suspects.convicts(key)
    return doubted or not (is_worlds(error) or isinstance(error, database.Moved))


def _fire_together(runtime: Runtime, due: _Due, most: int, taken: list[Key]) -> int:
    kinds, at = due.kinds, due.at
    with unit_of_work(runtime, at) as work:
        timers = due.take(work.session, most)
        taken += [(timer.owner_id, timer.kind, timer.subject, timer.occurrence) for timer in timers]
        if not timers:
            return 0
        # All at once, whatever their kinds: players are locked in one order, or two clocks would deadlock.
        if together := [timer.owner_id for timer in timers if not kinds[timer.kind].alone]:
            work.lock_people(together)
        for name in sorted({timer.kind for timer in timers}):
            kinds[name].load(work.session, work.rows, [timer for timer in timers if timer.kind == name])
        for timer in timers:
            _settle(timer, kinds[timer.kind].fire(work.rows, timer, at), at)
        return len(timers)


def _settle(timer: Timer, outcome: bool | Later, at: datetime) -> None:  # noqa: FBT001  # three outcomes, no switch
    match outcome:
        case Later(due_at):
            assert due_at > at, f"{timer.kind} {timer.subject} would be due at once again"
            timer.due_at = due_at
        case fired:
            timer.state, timer.settled_at = "fired" if fired else "dropped", at


def _fail(runtime: Runtime, key: Key, at: datetime, error: Exception) -> int:
    """Mark the one timer that broke, unless somebody has settled it meanwhile."""
    with runtime.sessions.begin() as session:
        mine = and_(*(column == value for column, value in zip(_KEY, key, strict=True)), Timer.state == "due")
        timer = session.scalars(database.taken(select(Timer).where(mine), Timer.due_at, Timer)).one_or_none()
        if timer is None:
            return 0
        timer.state, timer.settled_at, timer.error = "failed", at, where(error)
        session.flush()
    log.error("timer.failed", kind=key[1], owner=key[0], subject=key[2], exc_info=error)
    return 1
