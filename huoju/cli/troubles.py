"""What the troubles of the database, or of the disk, mean to an operator: what happened, what it left, what to do."""

import errno
import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_DISK_FULL, _READ_ONLY = "53100", "25006"
_SQLITE_UNWRITABLE = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def told(error: BaseException) -> str:
    """One sentence about ``error``. Only a connection that was lost may have lost the news of a commit with it."""
    match error:
        case MemoryError():
            return "there is not enough memory; nothing was changed, make room and try again"
        case PoolTimeout():
            return "all connections of this program are in use; nothing was changed, try again"
        case OSError():
            advice = "make room" if error.errno in _NO_ROOM else "look after it"
            return f"{error.filename or 'a file or connection'} cannot be used ({error.strerror or error}); {advice}"
    orig = error.orig if isinstance(error, DBAPIError) else error
    reason = (str(orig).strip().splitlines() or ["no reason given"])[0]
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return (
            f"the connection to the database was lost ({reason}); the change may or may not be stored, look before you"
            " try again"
        )
    return f"the database {_state(orig)[0]} ({reason}); nothing was changed, {_state(orig)[1]}"


def _state(error: BaseException | None) -> tuple[str, str]:
    """How the database is, and what to do about it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the higher bits say more of the same
    state = getattr(error, "sqlstate", None)
    if code == sqlite3.SQLITE_FULL or state == _DISK_FULL:
        return "has no room on its disk", "make room and try again"
    if code in _SQLITE_UNWRITABLE:
        return "cannot be read or written", "look after its disk"
    if state == _READ_ONLY:
        return "takes no changes", "see whether it is a replica"
    return "is busy or away", "try again"
