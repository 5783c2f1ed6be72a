"""A link to a real database that fails where it is told: at any statement, and before or after COMMIT.

Each checkout of the pool, BEGIN, statement and both sides of each COMMIT are points, counted from 1. The faults are
what drivers and pools raise, before SQLAlchemy sees them; what cuts a link really cuts it. With them go troubles that
no fault has to be made up for: a disk that is full, a server that takes no changes, a file that is damaged.
"""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests import postgres

SILENCE = "no answer"
_OWN: Mapping[str, Callable[[], Exception]] = {
    "no connection": lambda: PoolTimeout("QueuePool limit"),
    "no memory": MemoryError,
    "no room": lambda: OSError(errno.ENOSPC, "No space left on device"),
}
"""What no database says."""
POSTGRES_WORLD = (
    *("08000", "08001", "08003", "08004", "08006", "25006", "25P02", "25P03", "28000", "3D000", "40001", "40P01"),
    *("42501", "42P01", "53000", "53100", "53200", "53300", "53400", "55000", "55006", "55P03", "57000", "57014"),
    *("57P01", "57P02", "57P03", "57P05", "58000", "58030", "58P01", "72000", "F0000", "XX000", "XX001", "XX002"),
    *("99999", SILENCE, *_OWN),
)
"""States that say nothing about a message."""
SQLITE_WORLD = (
    *("SQLITE_ABORT", "SQLITE_AUTH", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_CANTOPEN", "SQLITE_CORRUPT"),
    *("SQLITE_FULL", "SQLITE_INTERNAL", "SQLITE_INTERRUPT", "SQLITE_IOERR", "SQLITE_IOERR_FSYNC", "SQLITE_LOCKED"),
    *("SQLITE_NOMEM", "SQLITE_NOTADB", "SQLITE_PERM", "SQLITE_PROTOCOL", "SQLITE_READONLY", "SQLITE_SCHEMA", *_OWN),
)
SHARES = max(len(POSTGRES_WORLD), len(SQLITE_WORLD))
"""Each state at every so manieth point is one share of all faults; `make faults` plays all shares, the suite one."""
CUT = {"08000", "08001", "08003", "08004", "08006", "57P01", "57P02", "57P03", SILENCE}
"""After these the link is of no more use."""


def world_of(engine: Engine) -> tuple[str, ...]:
    """The states of the database of ``engine`` that say nothing about a message."""
    return POSTGRES_WORLD if engine.dialect.name == "postgresql" else SQLITE_WORLD


def share_of(engine: Engine, points: int, share: int) -> list[tuple[str, int]]:
    """Some of all (state, point) pairs; every point is among them, and all ``SHARES`` are all pairs.

    A database of fewer states has them all in fewer shares, and plays these again.
    """
    states = world_of(engine)
    pairs = [
        (state, at)
        for place, state in enumerate(states)
        for at in range(1, points + 1)
        if (place + at) % len(states) == share % len(states)
    ]
    assert {at for _, at in pairs} == set(range(1, points + 1))
    return pairs


def fault(state: str) -> Exception:
    """What the driver raises for a SQLSTATE, or for a result code of SQLite by its name."""
    if state in _OWN:
        return _OWN[state]()
    if state.startswith("SQLITE_"):
        error = sqlite3.OperationalError(state)
        error.sqlite_errorcode = getattr(sqlite3, state)
        return error
    if state == SILENCE:
        return psycopg.OperationalError(state)
    try:
        return psycopg.errors.lookup(state)(state)
    except KeyError:
        unheard_of = psycopg.DatabaseError(state)
        unheard_of.sqlstate = state
        return unheard_of


def wrapped(error: Exception, *, cut: bool = False) -> Exception:
    """``error`` of a driver as SQLAlchemy passes it on."""
    driver = sqlite3.Error if isinstance(error, sqlite3.Error) else psycopg.Error
    made = DBAPIError.instance("SELECT", None, error, driver, hide_parameters=True, connection_invalidated=cut)
    assert isinstance(made, Exception)
    return made


@dataclass
class FaultyLink:
    """Fails at point ``at`` and those that come then, up to so ``many``, but at none before so many COMMITs."""

    state: str
    at: int
    many: int
    after_commits: int
    points: int = 0
    commits: int = 0
    failed: int = 0

    def pass_point(self, connection: Any = None) -> None:
        """Count a point, and fail if it is one to fail at."""
        self.points += 1
        ripe = self.state and self.points >= self.at and self.commits >= self.after_commits
        if ripe and self.failed < self.many:
            self.failed += 1
            if connection is not None and self.state in CUT:
                raw = getattr(connection, "dbapi_connection", connection)
                raw.rollback()  # the server would do it by itself, a moment later
                raw.close()
            raise fault(self.state)


@contextmanager
def failing(
    engine: Engine, state: str | None = None, at: int = 1, many: int = 10**9, after_commits: int = 0
) -> Iterator[FaultyLink]:
    """The link of ``engine`` fails like this meanwhile; without a state it only counts. One at a time."""
    link = FaultyLink(state or "", at, many, after_commits)
    dialect, pool = engine.dialect, engine.pool
    execute, begin, real_commit, checkout = dialect.do_execute, dialect.do_begin, dialect.do_commit, pool.connect

    def commit(connection: Any) -> None:
        link.pass_point(connection)
        real_commit(connection)
        link.pass_point(connection)
        link.commits += 1

    def begun(connection: Any) -> None:
        link.pass_point(connection)
        begin(connection)

    def statement(cursor: Any, *told: Any) -> None:
        link.pass_point(cursor.connection)
        execute(cursor, *told)

    def checked_out() -> Any:
        link.pass_point()
        return checkout()

    vars(dialect).update(do_commit=commit, do_begin=begun, do_execute=statement)
    vars(pool).update(connect=checked_out)
    try:
        yield link
    finally:
        for name in ("do_commit", "do_begin", "do_execute"):
            del vars(dialect)[name]
        del vars(pool)["connect"]


@contextmanager
def each_connection(engine: Engine, *orders: str) -> Iterator[None]:
    """Whoever takes a connection of ``engine`` meanwhile finds that it was told this."""

    def order(connection: Any, *_told: Any) -> None:
        for each in orders:
            connection.execute(each)
        connection.commit()

    event.listen(engine, "checkout", order)
    try:
        yield
    finally:
        event.remove(engine, "checkout", order)
        engine.dispose()  # and with it what the connections were told


def _path(engine: Engine) -> Path:
    assert engine.url.database
    return Path(engine.url.database)


@contextmanager
def _full(engine: Engine) -> Iterator[None]:
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    with each_connection(engine, f"PRAGMA max_page_count = {pages}"):
        yield


@contextmanager
def _locked(engine: Engine) -> Iterator[None]:
    with each_connection(engine, "PRAGMA busy_timeout = 0"):
        other = sqlite3.connect(_path(engine), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.close()


@contextmanager
def _damaged(engine: Engine, kept: int) -> Iterator[None]:
    """All but the first ``kept`` bytes are lost meanwhile."""
    engine.dispose()  # the last one to go takes the journal into the file
    path = _path(engine)
    sound = path.read_bytes()
    path.write_bytes(sound[:kept] + b"\x00" * (len(sound) - kept))
    try:
        yield
    finally:
        engine.dispose()
        for journal in path.parent.glob(f"{path.name}-*"):
            journal.unlink()
        path.write_bytes(sound)


def _read_only(engine: Engine) -> AbstractContextManager[object]:
    return each_connection(
        engine,
        "PRAGMA query_only = 1" if engine.dialect.name == "sqlite" else "SET default_transaction_read_only = on",
    )


@contextmanager
def _closed(engine: Engine) -> Iterator[None]:
    """The server takes nobody new into this database, and those who were in have gone."""
    name = engine.url.database
    with psycopg.connect(os.environ[postgres.VARIABLE], autocommit=True) as operator:
        operator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        engine.dispose()
        try:
            yield
        finally:
            operator.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


TROUBLES: Mapping[str, Mapping[str, Callable[[Engine], AbstractContextManager[object]]]] = {
    "sqlite": {
        "full": _full,
        "read-only": _read_only,
        "locked": _locked,
        "no database": lambda engine: _damaged(engine, 0),
        "damaged": lambda engine: _damaged(engine, 4096),
    },
    "postgresql": {
        "full": lambda engine: failing(engine, "53100"),  # nobody fills its disk for a test
        "read-only": _read_only,
        "closed": _closed,
    },
}
"""Troubles by database and name."""


def in_trouble(engine: Engine, name: str) -> AbstractContextManager[object]:
    """The database of ``engine`` is in one of its ``TROUBLES`` meanwhile."""
    return TROUBLES[engine.dialect.name][name](engine)
