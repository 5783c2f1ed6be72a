"""What the database's own troubles mean to an operator: what happened, what it left, and what to do."""

import sqlite3

from sqlalchemy.exc import OperationalError

_POSTGRES_DISK_FULL = "53100"
_SQLITE_UNWRITABLE = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})


def told(error: OperationalError) -> str:
    """One sentence about ``error``. Only a connection that was lost may have lost the news of a commit with it."""
    reason = (str(error.orig).strip().splitlines() or ["no reason given"])[0]
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the higher bits say more of the same
    if code == sqlite3.SQLITE_FULL or getattr(error.orig, "sqlstate", None) == _POSTGRES_DISK_FULL:
        return f"the disk of the database is full ({reason}); nothing was changed, make room and try again"
    if code in _SQLITE_UNWRITABLE:
        return f"the database cannot be read or written ({reason}); nothing was changed, look after its disk"
    if error.connection_invalidated:
        return (
            f"the connection to the database was lost ({reason}); the change may or may not be stored, look before you"
            " try again"
        )
    return f"the database is busy or away ({reason}); nothing was changed, try again"
