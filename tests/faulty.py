"""A link to a real database that fails where it is told: at any statement, and before or after COMMIT.

Each statement and both sides of each COMMIT are points, counted from 1. The faults are what the drivers raise.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

SILENCE = "no answer"
POSTGRES_WORLD = (
    *("08000", "08001", "08003", "08004", "08006", "25006", "25P02", "25P03", "28000", "3D000", "40001", "40P01"),
    *("42501", "42P01", "53000", "53100", "53200", "53300", "53400", "55000", "55006", "55P03", "57000", "57014"),
    *("57P01", "57P02", "57P03", "57P05", "58000", "58030", "58P01", "72000", "F0000", "XX000", "XX001", "XX002"),
    *("99999", SILENCE),
)
"""States that say nothing about a message."""
SQLITE_WORLD = (
    *("SQLITE_ABORT", "SQLITE_AUTH", "SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_CANTOPEN", "SQLITE_CORRUPT"),
    *("SQLITE_FULL", "SQLITE_INTERNAL", "SQLITE_INTERRUPT", "SQLITE_IOERR", "SQLITE_IOERR_FSYNC", "SQLITE_LOCKED"),
    *("SQLITE_NOMEM", "SQLITE_NOTADB", "SQLITE_PERM", "SQLITE_PROTOCOL", "SQLITE_READONLY", "SQLITE_SCHEMA"),
)
CUT = {"08000", "08001", "08003", "08004", "08006", "57P01", "57P02", "57P03", SILENCE}
"""After these the link is of no more use."""


def world_of(engine: Engine) -> tuple[str, ...]:
    """The states of the database of ``engine`` that say nothing about a message."""
    return POSTGRES_WORLD if engine.dialect.name == "postgresql" else SQLITE_WORLD


def fault(state: str) -> Exception:
    """What the driver raises for a SQLSTATE, or for a result code of SQLite by its name."""
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

    def pass_point(self) -> None:
        """Count a point, and fail if it is one to fail at."""
        self.points += 1
        ripe = self.state and self.points >= self.at and self.commits >= self.after_commits
        if ripe and self.failed < self.many:
            self.failed += 1
            raise wrapped(fault(self.state), cut=self.state in CUT)


@contextmanager
def failing(
    engine: Engine, state: str | None = None, at: int = 1, many: int = 10**9, after_commits: int = 0
) -> Iterator[FaultyLink]:
    """The link of ``engine`` fails like this meanwhile; without a state it only counts. One at a time."""
    link = FaultyLink(state or "", at, many, after_commits)
    real: Callable[[Any], None] = engine.dialect.do_commit

    def commit(connection: Any) -> None:
        link.pass_point()
        real(connection)
        link.pass_point()
        link.commits += 1

    def statement(*_told: Any) -> None:
        link.pass_point()

    event.listen(engine, "before_cursor_execute", statement)
    vars(engine.dialect)["do_commit"] = commit
    try:
        yield link
    finally:
        del vars(engine.dialect)["do_commit"]
        event.remove(engine, "before_cursor_execute", statement)
