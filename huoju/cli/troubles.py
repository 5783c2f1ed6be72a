"""What the troubles of the database, or of the disk, mean to an operator: what happened, what it left, what to do."""

import errno

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.blame import condition

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
    how, advice = condition(error)
    return f"the database {how} ({reason}); nothing was changed, {advice}"
