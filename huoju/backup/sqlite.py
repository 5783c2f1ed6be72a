"""SQLite by its own online backup: a copy of one instant, made in steps while everybody writes on.

A reader's transaction is held on the source meanwhile. Without it each commit of another process begins the copy anew
(https://www.sqlite.org/backup.html), and under load it never ends; with it the WAL grows until the copy is whole.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from core.answers import Verbatim
from core.database import DatabaseUnusable
from huoju.backup.archive import Told
from huoju.backup.refusal import BackupRefused

PAGES = 1024
"""Of a step: 4 MB, after which whoever waits is heard."""


@contextmanager
def snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the database at ``path`` that sees one instant."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as source:
        source.execute("PRAGMA busy_timeout = 15000")
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield source


def copy(source: sqlite3.Connection, into: Path, told: Told) -> dict[str, int]:
    """Copy what ``source`` sees to the new file ``into``, one file without a WAL; returns the rows of each table."""
    with closing(sqlite3.connect(into, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous = OFF")  # whoever dies takes the copy along
        source.backup(target, pages=PAGES, progress=lambda _how, left, of: told(of - left, of), sleep=0)
        target.execute("PRAGMA journal_mode = DELETE")
        return rows_of(target)


def rows_of(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    tables = [name for (name,) in connection.execute(names)]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def check_place(path: Path) -> None:
    """Raise BackupRefused unless a database can be put at ``path`` without anything being written over."""
    if path.is_symlink():
        raise BackupRefused("{file} is a link; set HUOJU_DATABASE_URL to the file itself", file=Verbatim(path))
    for beside in (path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        if beside.exists() and not path.exists():
            raise BackupRefused(
                "{beside} is left of a database that was here; move it away first", beside=Verbatim(beside)
            )
    if path.exists() and not _is_empty(path):
        raise BackupRefused(
            "{file} holds a database already, and nothing is written over; move it away first", file=Verbatim(path)
        )


def _is_empty(path: Path) -> bool:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            return not connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    except sqlite3.DatabaseError:
        return False


def check_whole(path: Path) -> None:
    """Raise DatabaseUnusable when pages of the database do not fit together."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != ("ok",):
        raise DatabaseUnusable(f"the copy is damaged ({found[0]}); take an older backup")


def make_one_file(path: Path) -> None:
    """Let the database at ``path``, which nobody has open, have no WAL beside it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
