"""Ageing: sweep each table once a day from its oldest row on, and let go what is old and done.

A sweep goes by time, a few rows a transaction, and notes where it is in the transaction that takes them away. So any
number of clocks may do it at once, each killed at any point; rows that somebody else has locked wait for the next
sweep. Rows are found before the transaction and looked at again within it, which holds its locks for some
milliseconds. What is not done stays, however old it is (core/retention/kinds.py).
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement, Row, delete, func, select
from sqlalchemy.orm import Session

from core import bulk, database
from core.database import read_only
from core.engine.runtime import Runtime
from core.lists import among_rows
from core.measures import rollup
from core.models import Ageing
from core.models.base import table_of
from core.pace import SHARE_S, Pace
from core.retention.keep import Keep
from core.retention.kinds import Aged, Bound, Key

log = structlog.get_logger()

EACH = timedelta(days=1)
"""After so long a table is swept again."""
_REST_S = 60.0
_INSTANT = timedelta(microseconds=1)


class Outcome(NamedTuple):
    """What became of some rows."""

    gone: int
    ended: bool
    """The sweep is at its end."""
    elsewhere: bool = False
    """Another clock is at it."""


class OldRows:
    """Lets old rows go, at each act for a twentieth of a second; rests while no table is due."""

    def __init__(self, runtime: Runtime, running_s: Callable[[], float] = time.monotonic) -> None:
        self._world, self._running_s, self._rests_until_s = runtime, running_s, 0.0
        self._paces = {kind.name: pace_for(runtime, running_s) for kind in runtime.mechanics.ages}

    def act(self, at: datetime) -> int:
        """Go on with the sweeps that are due at ``at``; returns how many rows went."""
        began_s, total = self._running_s(), 0
        if began_s < self._rests_until_s:
            return 0
        for kind in self._world.mechanics.ages:
            if not begin(self._world, kind, at):
                continue
            ended = False
            while not ended:
                outcome = go_on(self._world, kind, at, self._paces[kind.name])
                total, ended = total + outcome.gone, outcome.ended
                if outcome.elsewhere or self._running_s() - began_s >= SHARE_S:
                    return total  # what comes after may depend on it
        self._rests_until_s = self._running_s() + _REST_S
        return total


def pace_for(runtime: Runtime, running_s: Callable[[], float] = time.monotonic) -> Pace:
    """The pace at which rows go on the database of ``runtime``."""
    with runtime.sessions() as session:
        return Pace(session.get_bind().dialect.name, running_s)


def age(runtime: Runtime, at: datetime) -> int:
    """Sweep what is due at ``at`` to its end, or until another clock is at it; returns how many rows went."""
    total = 0
    for kind in runtime.mechanics.ages:
        pace, ended = pace_for(runtime), not begin(runtime, kind, at)
        while not ended:
            gone, ended, elsewhere = go_on(runtime, kind, at, pace)
            total += gone
            if elsewhere:
                return total
    return total


def begin(runtime: Runtime, kind: Aged, at: datetime) -> bool:
    """Begin a sweep of the table if one is due at ``at``; whether there is one to go on with."""
    with read_only(runtime.sessions) as session:
        known = session.get(Ageing, kind.name)
        ended_at = known.ended_at if known is not None else None
        if known is not None and ended_at is None:
            return True
        if ended_at is not None and at < ended_at + EACH:
            return False
        until = going_until(session, runtime, kind, at)
    if until is None:
        return False
    new = {"what": kind.name, "until": until, "gone": 0, "reached": None, "began_at": at, "ended_at": None}
    with runtime.sessions.begin() as session:
        if bulk.claim(session, (table := table_of(Ageing)), [new], table.c.what):
            return True
        if (mine := _mine(session, kind)) is None or mine.ended_at is None or mine.until > until:
            return False
        mine.until, mine.reached, mine.began_at, mine.ended_at = until, None, at, None
        session.flush()
    return True


def going_until(session: Session, runtime: Runtime, kind: Aged, at: datetime) -> datetime | None:
    """What is older than this goes at ``at``; None for what is kept for ever."""
    length = (runtime.setting(Keep) or Keep()).length(kind.keep)
    if length is None:
        return None
    return min(at - length, rollup.final_before(session, runtime, at)) if kind.counted else at - length


def go_on(runtime: Runtime, kind: Aged, at: datetime, pace: Pace) -> Outcome:
    """Let the next rows of a sweep go, about as many as ``pace`` says."""
    with read_only(runtime.sessions) as session:
        swept = session.get_one(Ageing, kind.name)
        keys, reached = _next_rows(session, kind, swept, pace.rows)
    with runtime.sessions.begin() as session:
        mine = _mine(session, kind)
        pace.begin()
        if (
            mine is None
            or mine.ended_at is not None
            or (mine.began_at, mine.reached) != (swept.began_at, swept.reached)
        ):
            return Outcome(0, ended=False, elsewhere=True)
        gone = _let_go(session, kind, mine.until, keys) if keys else 0
        mine.gone += gone
        if reached is None:
            mine.ended_at = max(at, mine.began_at)
            told = log.info if mine.gone else log.debug
            told("ageing.swept", table=kind.name, until=mine.until.isoformat(), gone=mine.gone)
        else:
            mine.reached = reached
        session.flush()
    pace.end()
    return Outcome(gone, ended=reached is None)


def _mine(session: Session, kind: Aged) -> Ageing | None:
    """The row of the sweep, unless another clock has it in hand."""
    found = select(Ageing).where(Ageing.what == kind.name).execution_options(populate_existing=True)
    return session.scalars(database.taken(found, Ageing.what, Ageing)).one_or_none()


def _next_rows(session: Session, kind: Aged, swept: Ageing, most: int) -> tuple[list[Key], datetime | None]:
    """The oldest rows from where the sweep is on, done or not, and where it is after them; None at its end.

    Of rows of one instant all are taken, or none: the next begin with another instant.
    """
    old = kind.at < kind.bound(swept.until)
    rows = select(kind.at, *kind.key).where(old).order_by(kind.at)
    by_hours = isinstance(kind.bound(swept.until), int)  # of these all go: it begins at the oldest again and again
    ahead = rows if swept.reached is None or by_hours else rows.where(kind.at >= swept.reached)
    found = session.execute(ahead.limit(most)).all()
    if len(found) < most:
        return _keys(found), None
    if by_hours:
        return _keys(found), swept.began_at
    last: datetime = found[-1][0]
    if found[0][0] != last:
        return _keys([row for row in found if row[0] != last]), last
    return _keys(session.execute(rows.where(kind.at == last)).all()), last + _INSTANT


def _keys(rows: Sequence[Row[*tuple[object, ...]]]) -> list[Key]:
    return sorted(tuple(row)[1:] for row in rows)


def _let_go(session: Session, kind: Aged, until: datetime, keys: Sequence[Key]) -> int:
    """Delete those of ``keys`` that are old and done, and that nobody has locked; returns how many."""
    wanted = among_rows(kind.key, "keys")
    old = (kind.at < kind.bound(until), kind.done(until))
    rows = session.execute(
        database.taken(select(*kind.key).where(wanted, *old), kind.key[0], kind.table), {"keys": keys}
    )
    mine: Sequence[Key] = [tuple(row) for row in rows]
    if mine and kind.with_them is not None:
        mine = kind.with_them(session, mine)
    if mine:
        session.execute(delete(table_of(kind.table)).where(wanted), {"keys": mine})
    return len(mine)


class Standing(NamedTuple):
    """How far old rows of one table went."""

    kind: Aged
    length: timedelta | None
    """How long they are kept; None for ever."""
    oldest: datetime | None
    swept: Ageing | None


def standings(session: Session, runtime: Runtime) -> list[Standing]:
    """How far old rows of all tables went. Two queries for each."""
    keep, found = runtime.setting(Keep) or Keep(), list[Standing]()
    for kind in runtime.mechanics.ages:
        first = session.scalar(select(kind.at).where(kind.at.is_not(None)).order_by(kind.at).limit(1))
        oldest = _instant(first)
        found.append(Standing(kind, keep.length(kind.keep), oldest, session.get(Ageing, kind.name)))
    return found


def _instant(value: Bound | None) -> datetime | None:
    return datetime.fromtimestamp(value * 3600, tz=UTC) if isinstance(value, int) else value


def would_go(session: Session, runtime: Runtime, kind: Aged, at: datetime) -> int:
    """How many rows a sweep that begins at ``at`` would take away. Reads all that are old."""
    until = going_until(session, runtime, kind, at)
    if until is None:
        return 0
    old: tuple[ColumnElement[bool], ...] = (kind.at < kind.bound(until), (kind.foreseen or kind.done)(until))
    return session.scalar(select(func.count()).select_from(kind.table).where(*old)) or 0
