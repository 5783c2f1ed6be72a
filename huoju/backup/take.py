"""Take a backup: the whole database as of one instant, while players play, in one file."""

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, select, update
from sqlalchemy.exc import DBAPIError

from core import schema
from core.answers import Verbatim
from core.database import DatabaseUnusable, open_database
from core.keys import Keyring, open_key_file
from core.models import Installation
from core.randomness import SystemRandomness
from core.times import Clock
from huoju import __version__
from huoju.backup import postgres, sqlite
from huoju.backup.archive import Archive, Told, chunks_of, new_archive
from huoju.backup.manifest import Manifest, file_name, needed
from huoju.backup.refusal import BackupRefused
from huoju.settings import Settings

FOLDER = Path("var/backups")
"""Where a backup goes when nobody says."""

Stage = Callable[[str], AbstractContextManager[Told]]
"""Begins a stage of the work, and ends it; what it gives hears how far that is."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was taken."""

    path: Path
    manifest: Manifest
    noted: bool
    """Whether the database knows of it, so that ``/health`` does."""


def take(settings: Settings, place: Path, clock: Clock, stage: Stage) -> Backup:
    """Write a backup of the installation's database to ``place``, a new file or a folder.

    Raises BackupRefused, NewFileRefused, KeysUnusable and DatabaseUnusable; then nothing is left of it.
    """
    keys = open_key_file(settings.keys_file, SystemRandomness())
    database = open_database(settings.database_url, connections=2)
    try:
        revision, at = _revision(database, keys), clock()
        path = place / file_name(at) if place.is_dir() else place
        about = {"huoju": __version__, "revision": revision, "taken_at": at, "keys": needed(keys)}
        with new_archive(path, keys) as archive:
            if database.dialect.name == "sqlite":
                manifest = _of_sqlite(Path(database.url.database or ""), path.parent, archive, about, stage)
            else:
                manifest = _of_postgres(database, archive, about, stage)
        return Backup(path, manifest, _note(database, at))
    finally:
        database.dispose()


def _revision(database: Engine, keys: Keyring) -> str:
    """The revision of a database that is ours: also of one that waits to be upgraded."""
    if not schema.is_set_up(database):
        raise BackupRefused("this database is empty: there is nothing to back up")
    with database.connect() as connection:
        revision = schema.revision_of(connection)
        known = connection.scalar(select(Installation.key_check))
    if revision is None:
        raise BackupRefused("this database was never finished: there is nothing to back up")
    if known != keys.check_value():
        raise DatabaseUnusable("this database was made with another key file; set HUOJU_KEYS_FILE to that one")
    return revision


def _of_sqlite(source: Path, folder: Path, archive: Archive, about: dict[str, Any], stage: Stage) -> Manifest:
    with tempfile.TemporaryDirectory(prefix=".huoju-backup-", dir=folder) as work:
        copied = Path(work) / "database"
        try:
            with stage("copying pages") as told, sqlite.snapshot(source) as snapshot:
                rows = sqlite.copy(snapshot, copied, told)
        except sqlite3.Error as error:
            raise BackupRefused(
                "the database could not be copied: {why}; nothing was kept", why=Verbatim(error)
            ) from None
        with stage("packing") as told, copied.open("rb") as file:
            size, name = copied.stat().st_size, "database.sqlite"

            def counted(done: int = 0) -> Any:
                for chunk in chunks_of(file):
                    yield chunk
                    done += len(chunk)
                    told(done, size)

            archive.add(name, counted(), packed=False)
    return archive.close(
        **about, engine="sqlite", server=sqlite3.sqlite_version, namespace="", rows=rows, data="database.sqlite"
    )


def _of_postgres(database: Engine, archive: Archive, about: dict[str, Any], stage: Stage) -> Manifest:
    with database.connect() as connection:
        tool = postgres.find_tool("pg_dump", postgres.server_of(connection))
    with postgres.snapshot(database) as seen, stage("dumping rows") as told:
        archive.add("database.pgdump", postgres.dump(tool, database.url, seen, told), packed=True)
        told(sum(seen.rows.values()), sum(seen.rows.values()))
    return archive.close(
        **about,
        engine="postgresql",
        server=str(seen.server),
        namespace=seen.namespace,
        rows=dict(seen.rows),
        data="database.pgdump",
    )


def _note(database: Engine, at: datetime) -> bool:
    """Let the database know of its backup; one that takes nothing, or is older than this, does not."""
    try:
        with database.begin() as connection:
            columns = {column["name"] for column in inspect(connection).get_columns(Installation.__tablename__)}
            if "backed_up_at" not in columns:
                return False
            connection.execute(update(Installation).values(backed_up_at=at))
    except DBAPIError:
        return False
    return True
