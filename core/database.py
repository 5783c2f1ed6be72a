"""The database: how it is opened, and the only functions that lock.

SQLite runs with WAL, synchronous=FULL and BEGIN IMMEDIATE (one writer at a time); PostgreSQL with READ COMMITTED and
row locks. Every lock and every claim goes through here, which is where a sharded database would group by shard.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVarTuple

from sqlalchemy import (
    URL,
    BinaryExpression,
    BindParameter,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Select,
    Tuple,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.types import TypeDecorator

Rows = TypeVarTuple("Rows")

_SQLITE_PATIENCE_S = 15
_POSTGRES_LOCK_PATIENCE_MS = 15_000
_POOL_PATIENCE_S = 5  # whoever asks is told to come again while somebody still waits for that
_POSTGRES_IDLE_PATIENCE_MS = 60_000  # a process that hangs inside a turn, or a machine that vanished, keeps its locks


class DatabaseUnusable(Exception):
    """The database cannot be opened; the message says why and what to do."""


class Moved(Exception):
    """What was looked up before the locks has changed meanwhile: taken again, the turn sees it."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant on both databases (SQLite has no zones of its own)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Refuse a naive value; give the database UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Make what the database returns aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def open_database(url: str, *, connections: int = 8) -> Engine:
    """Open ``url`` (sqlite:///path or postgresql://…) with at most ``connections`` connections of one process.

    Raises DatabaseUnusable when the address is not one of these.
    """
    try:
        parsed = make_url(url)
    except Exception as error:  # noqa: BLE001  # SQLAlchemy raises several kinds for a malformed address
        raise DatabaseUnusable(f"HUOJU_DATABASE_URL is not a database address: {error}") from None
    match parsed.get_backend_name():
        case "sqlite":
            return _open_sqlite(parsed, connections)
        case "postgresql":
            return _open_postgres(parsed, connections)
        case other:
            raise DatabaseUnusable(f"HUOJU_DATABASE_URL names {other}; use sqlite:///path or postgresql://…")


def _open_sqlite(url: URL, connections: int) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_POOL_PATIENCE_S,
        hide_parameters=True,  # an error's text may reach a log
        connect_args={"timeout": _SQLITE_PATIENCE_S, "isolation_level": None},
    )

    engine.dialect.statement_compiler = _Compiler

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


class _Compiler(SQLiteCompiler):
    """Asks for a list of tuples as a SELECT: for ``IN (VALUES ...)`` of more than one SQLite reads the whole table."""

    def visit_in_op_binary(self, binary: BinaryExpression[Any], operator: Any, **how: Any) -> str:  # noqa: ARG002
        """``left IN (right)``."""
        left, right = (self.process(side, **how) for side in (binary.left, binary.right))
        tuples = isinstance(binary.left, Tuple) and isinstance(binary.right, BindParameter)
        return f"{left} IN (SELECT * FROM {right})" if tuples else f"{left} IN {right}"  # noqa: S608  # no values


def _open_postgres(url: URL, connections: int) -> Engine:
    asked = url.query.get("options", ())
    options = (asked,) if isinstance(asked, str) else asked
    return create_engine(
        url.set(drivername="postgresql+psycopg").difference_update_query(["options"]),
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_POOL_PATIENCE_S,
        hide_parameters=True,  # an error's text may reach a log
        pool_pre_ping=False,  # a lost connection is retried by the turn; a ping would cost every turn a round trip
        connect_args={
            # What the address asks for comes last and so wins, but for the zone: instants are read as UTC.
            "options": f"-c lock_timeout={_POSTGRES_LOCK_PATIENCE_MS}"
            f" -c idle_in_transaction_session_timeout={_POSTGRES_IDLE_PATIENCE_MS}"
            f" {' '.join(options)} -c timezone=UTC"
        },
    )


def sessions(engine: Engine) -> sessionmaker[Session]:
    """The factory of units of work on ``engine``: flushed once, by hand, and never read after commit."""
    return sessionmaker(engine, autoflush=False, expire_on_commit=False)


@contextmanager
def read_only(opened: sessionmaker[Session]) -> Iterator[Session]:
    """A session that only reads: on SQLite it does not wait for the writer."""
    with opened() as session:
        session.connection(execution_options={"read_only": True})
        yield session


def finds(opened: sessionmaker[Session], statement: Select[Any]) -> bool:
    """Whether ``statement`` finds a row, by only reading: whoever looks again and again writes nothing while idle."""
    with read_only(opened) as session:
        return session.execute(statement.limit(1)).first() is not None


def locked(statement: Select[*Rows], order_by: Any, of: Any) -> Select[*Rows]:
    """``statement`` with its rows of ``of`` locked, in the one order in which everybody locks them.

    A row that only refers to a locked one may be inserted meanwhile: keys never change under a lock.
    """
    return statement.order_by(order_by).with_for_update(of=of, key_share=True)


def taken(statement: Select[*Rows], order_by: Any, of: Any) -> Select[*Rows]:
    """``statement`` with its rows of ``of`` locked, those left out that another process has locked."""
    return statement.order_by(order_by).with_for_update(of=of, skip_locked=True, key_share=True)
