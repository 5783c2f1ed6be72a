"""What an operator is told about the database's own troubles."""

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from huoju.cli.errors import database_error


class _Failure(Exception):
    def __init__(self, text: str, sqlstate: str | None = None) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate


def _in_sqlite(pragma: str) -> OperationalError:
    with create_engine("sqlite://", poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql(pragma)
        with pytest.raises(OperationalError) as failure:
            connection.exec_driver_sql("CREATE TABLE a (b)")
    return failure.value


def _in_postgres(text: str, sqlstate: str | None = None, *, lost: bool = False) -> OperationalError:
    return OperationalError("COMMIT", None, _Failure(text, sqlstate), connection_invalidated=lost)


FULL = "the database has no room on its disk ({}); nothing was changed, make room and try again"
UNWRITABLE = "the database cannot be read or written ({}); nothing was changed, look after its disk"
LOST = "the connection to the database was lost ({}); the change may or may not be stored, look before you try again"
REPLICA = "the database takes no changes ({}); nothing was changed, see whether it is a replica"
AWAY = "the database is busy or away ({}); nothing was changed, try again"

CASES = [
    ("full", _in_sqlite("PRAGMA max_page_count = 1"), FULL.format("database or disk is full")),
    ("full, PostgreSQL", _in_postgres("no space\nHINT: free some", "53100"), FULL.format("no space")),
    ("read-only", _in_sqlite("PRAGMA query_only = 1"), UNWRITABLE.format("attempt to write a readonly database")),
    ("lost", _in_postgres("server closed the connection", lost=True), LOST.format("server closed the connection")),
    ("locked", _in_postgres("lock timeout", "55P03"), AWAY.format("lock timeout")),
    ("replica", _in_postgres("cannot execute INSERT", "25006"), REPLICA.format("cannot execute INSERT")),
    ("memory", MemoryError(), "there is not enough memory; nothing was changed, make room and try again"),
    (
        "pool",
        PoolTimeout("QueuePool limit"),
        "all connections of this program are in use; nothing was changed, try again",
    ),
    (
        "disk",
        OSError(28, "No space left on device", "a.csv"),
        "a.csv cannot be used (No space left on device); make room",
    ),
    ("file", OSError(5, "Input/output error", "a.csv"), "a.csv cannot be used (Input/output error); look after it"),
    ("silent", _in_postgres(""), AWAY.format("no reason given")),
]


@pytest.mark.parametrize(("error", "sentence"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_database_errors_are_told_apart(error: Exception, sentence: str) -> None:
    assert database_error(error).text == sentence
