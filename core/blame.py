"""Blame: whether a fault is a lost race, the world's (database, disk, network, memory), or of what was being done.

What the world does says nothing about a message or a timer: it is tried again, and recorded as nobody's failure. By
SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) and by SQLite's result code
(https://sqlite.org/rescode.html); a state that nobody here knows is the world's, which :class:`Suspects` corrects.
"""

import sqlite3
import traceback
from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.exc import DBAPIError, DisconnectionError, PendingRollbackError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.database import Moved


class Unavailable(Exception):
    """The database cannot be reached or stays locked: nothing happened, the platform should deliver again.

    When the link was cut after COMMIT was sent, nobody knows; the next delivery then finds the stored answer.
    """


class Blame(Enum):
    """Who is to blame for a fault, and so what is done about it."""

    RACE = auto()
    """Somebody else came between: taken again at once, we see it. The same again was none."""
    WORLD = auto()
    """It may pass: tried again after a pause, then later. Nothing of it is recorded."""
    DOUBT = auto()
    """As the world's, but where it meets one alone again and again (:class:`Suspects`)."""
    OURS = auto()
    """It would happen again: what was being done, or how, is at fault."""


_OURS_CLASSES = frozenset(
    {
        "0A",  # feature_not_supported
        "21",  # cardinality_violation
        "22",  # data_exception
        "42",  # syntax_error_or_access_rule_violation
        "44",  # with_check_option_violation
        "54",  # program_limit_exceeded: a row that an index cannot hold, a statement too complex
    }
)
_RACE_CLASS = "23"  # integrity_constraint_violation
_WORLD_CLASSES = frozenset(
    {
        "08",  # connection_exception
        "25",  # invalid_transaction_state: a replica, a server that was made read-only
        "28",  # invalid_authorization_specification
        "3D",  # invalid_catalog_name
        "40",  # transaction_rollback: serialization, deadlock
        "53",  # insufficient_resources: disk full, too many connections
        "55",  # object_not_in_prerequisite_state: a lock waited for in vain
        "57",  # operator_intervention: shut down, starting
        "58",  # system_error
        "72",  # snapshot_failure
        "F0",  # config_file_error
    }
)
_IN_DOUBT = frozenset(
    {
        "53200",  # out_of_memory
        "57014",  # query_canceled: by somebody, or as it took longer than statement_timeout
        "42501",  # insufficient_privilege
        "42P01",  # undefined_table: a schema that is being migrated does not fit this program
        "42703",  # undefined_column
    }
)
_OURS_RESULTS = frozenset(
    {
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_MISUSE,
        sqlite3.SQLITE_RANGE,
    }
)
_WORLD_RESULTS = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_ABORT,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_AUTH,
        sqlite3.SQLITE_NOTADB,
    }
)
_LOST_BEFORE = "8s2b"
"""SQLAlchemy's code for a transaction that goes on though its connection was lost: https://sqlalche.me/e/20/8s2b"""
_OURS_WITHOUT_STATE = ("DataError", "ProgrammingError", "NotSupportedError")
"""What drivers raise before they ask the server. Without a state all others mean that it never answered, or that the
driver could not ask: nobody knows."""


def blame(error: BaseException) -> Blame:
    """Who is to blame for ``error``: what SQLAlchemy, a driver, the system or our own code raised."""
    if isinstance(error, StatementError) and not isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig  # raised before the driver was asked
    if isinstance(error, DBAPIError) and not error.connection_invalidated and error.orig is not None:
        return _of_driver(error.orig)
    match error:
        case Moved():
            return Blame.RACE
        case psycopg.Error() | sqlite3.Error():
            return _of_driver(error)
        case MemoryError():
            return Blame.DOUBT
        case DBAPIError() | PoolTimeout() | DisconnectionError() | OSError():
            return Blame.WORLD
    lost_before = isinstance(error, PendingRollbackError) and error.code == _LOST_BEFORE
    return Blame.WORLD if lost_before else Blame.OURS


def _of_driver(error: BaseException) -> Blame:
    state: str | None = getattr(error, "sqlstate", None)
    result: int | None = getattr(error, "sqlite_errorcode", None)
    if state is not None:
        return _of_state(state)
    if result is not None:
        kind = result & 0xFF  # the higher bits say more of the same
        if kind == sqlite3.SQLITE_CONSTRAINT:
            return Blame.RACE
        if kind in _OURS_RESULTS:
            return Blame.OURS
        return Blame.WORLD if kind in _WORLD_RESULTS else Blame.DOUBT
    kinds = {each.__name__ for each in type(error).__mro__}
    if "IntegrityError" in kinds:
        return Blame.RACE
    return Blame.OURS if kinds.intersection(_OURS_WITHOUT_STATE) else Blame.DOUBT


def _of_state(state: str) -> Blame:
    if state in _IN_DOUBT:
        return Blame.DOUBT
    if state[:2] == _RACE_CLASS:
        return Blame.RACE
    if state[:2] in _OURS_CLASSES:
        return Blame.OURS
    return Blame.WORLD if state[:2] in _WORLD_CLASSES else Blame.DOUBT


def is_worlds(error: BaseException) -> bool:
    """True when nobody here is to blame for ``error``, as far as anybody knows."""
    return blame(error) in {Blame.WORLD, Blame.DOUBT}


def may_pass_when_retried(error: BaseException) -> bool:
    """True for a fault that may be gone, or be seen, when the same is done again."""
    return blame(error) is not Blame.OURS


def condition(error: BaseException) -> tuple[str, str]:
    """How the database is that raised ``error``, after "the database", and what to do about it."""
    if isinstance(error, PoolTimeout):
        return "is out of connections for this program", "try again"
    orig = error.orig if isinstance(error, DBAPIError) else error
    result = getattr(orig, "sqlite_errorcode", 0) & 0xFF
    state = getattr(orig, "sqlstate", None)
    if result == sqlite3.SQLITE_FULL or state == psycopg.errors.DiskFull.sqlstate:
        return "has no room on its disk", "make room and try again"
    if result in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
        return "cannot be read or written", "look after its disk"
    if state == psycopg.errors.ReadOnlySqlTransaction.sqlstate:
        return "takes no changes", "see whether it is a replica"
    return "is busy or away", "try again"


def broken_rule(error: BaseException) -> str | None:
    """Which constraint a lost race ran into, and for a key with which values; None for any other fault.

    Kept in memory to be compared, never logged: the values may be a player's.
    """
    if blame(error) is not Blame.RACE or isinstance(error, Moved):
        return None
    orig = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(orig, psycopg.Error):
        return str(orig)  # SQLite names the columns
    told = orig.diag
    values = told.message_detail if orig.sqlstate == psycopg.errors.UniqueViolation.sqlstate else None
    return f"{told.table_name}.{told.constraint_name or told.column_name} {values}"


@dataclass(slots=True)
class _Suspect:
    times: int
    others_went_well: int


class Suspects:
    """Whom the world failed alone, again and again, while others went well: then it was not the world.

    A statement that never ends for one message alone would else be tried for ever. One process remembers this, and
    of so many; not for several threads at once.
    """

    def __init__(self, times: int = 6, most: int = 1000) -> None:
        self._times, self._most = times, most
        self._went_well = 0
        self._found: dict[Hashable, _Suspect] = {}

    def keys(self) -> list[Any]:
        """All who are suspected."""
        return list(self._found)

    def went_well(self, *keys: Hashable) -> None:
        """These were dealt with; whoever else is suspected is a little more so."""
        self._went_well += 1
        for key in keys if self._found else ():
            self._found.pop(key, None)

    def convicts(self, key: Hashable) -> bool:
        """Note that the world failed ``key`` alone. True after so many times, others having gone well between each."""
        suspect = self._found.pop(key, None) or _Suspect(0, -1)
        if self._went_well > suspect.others_went_well:
            suspect.times, suspect.others_went_well = suspect.times + 1, self._went_well
        if suspect.times >= self._times:
            return True
        self._found[key] = suspect  # the last to be forgotten
        while len(self._found) > self._most:
            del self._found[next(iter(self._found))]
        return False


def where(error: BaseException) -> str:
    """The kind of an error and the line it came from: all that may be kept, for its text may quote a player."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    place = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno} in {ours[-1].name}" if ours else ""
    return f"{type(error).__name__}{place}"
