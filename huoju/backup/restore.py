"""Restore a backup into an empty database: settled, brought to the newest schema and audited before anybody sees it."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, func, make_url, select, table, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from core import schema
from core.answers import Line, Verbatim, line
from core.audit.audit import CHECKS, look
from core.audit.faults import Books
from core.database import open_database
from core.engine.restoration import Settled, settle
from core.keys import Keyring, open_key_file
from core.models import Installation
from core.randomness import SystemRandomness
from core.sending.restoration import Place
from core.times import Clock
from handlers import MECHANICS
from huoju import bootstrap
from huoju.backup import postgres, sqlite
from huoju.backup.archive import Opened, open_archive
from huoju.backup.manifest import Manifest
from huoju.backup.refusal import BackupRefused
from huoju.backup.take import Stage
from huoju.metrics import metrics_files
from huoju.settings import Settings

_PART = ".huoju-restore-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it."""

    manifest: Manifest
    settled: Settled
    faults: Sequence[Line]
    """What the audit found in the copy."""


class Faulty(BackupRefused):
    """The audit found ``faults`` in the copy, so it was not put in place."""

    def __init__(self, path: Path, faults: Sequence[Line]) -> None:
        self.faults = faults
        told = (
            "the audit finds {count} faults in what {file} holds, so it was not put in place; take an older backup, or "
            "restore it as it is: --with-faults"
        )
        super().__init__(told, count=len(faults), file=str(path))


def restore(
    settings: Settings, path: Path, places: Sequence[Place], clock: Clock, stage: Stage, *, with_faults: bool = False
) -> Restored:
    """Restore the backup at ``path`` into the installation's database, which must be empty and in nobody's use.

    All accounts are paused then, ``places`` among them. Raises BackupRefused, KeysUnusable or DatabaseUnusable; then
    the database is as empty as it was.
    """
    _look_for_living(settings)
    work = _Work(settings, path, clock, stage, with_faults=with_faults)
    with open_archive(path, lambda: open_key_file(settings.keys_file, SystemRandomness())) as archive:
        _check_engine(archive.manifest, make_url(settings.database_url))
        if archive.manifest.engine == "sqlite":
            return _into_sqlite(archive, Path(make_url(settings.database_url).database or ""), work, places)
        database = open_database(settings.database_url, connections=2)
        try:
            return _into_postgres(archive, database, work, places)
        finally:
            database.dispose()


def rehearse(settings: Settings, path: Path, clock: Clock, stage: Stage) -> Restored:
    """Restore the backup at ``path`` into a database of its own, audit that, and take it away. Raises as restore does.

    For PostgreSQL that is a new database of the same server.
    """
    work = _Work(settings, path, clock, stage, with_faults=False)
    with open_archive(path, lambda: open_key_file(settings.keys_file, SystemRandomness())) as archive:
        if archive.manifest.engine == "sqlite":
            with tempfile.TemporaryDirectory(prefix=_PART, dir=path.absolute().parent) as folder:
                return _into_sqlite(archive, Path(folder) / "rehearsed.db", work, ())
        _check_engine(archive.manifest, url := make_url(settings.database_url))
        with _new_database(url) as made:
            database = open_database(made.render_as_string(hide_password=False), connections=2)
            try:
                return _into_postgres(archive, database, work, ())
            finally:
                database.dispose()


@dataclass(frozen=True, slots=True)
class _Work:
    settings: Settings
    path: Path
    clock: Clock
    stage: Stage
    with_faults: bool

    def finish(self, connection: Connection, keys: Keyring, manifest: Manifest, places: Sequence[Place]) -> Restored:
        """Make the copy one that may be used: whole, of this program's schema, settled, audited. In one transaction."""
        self._count(connection, manifest)
        with self.stage("bringing the schema forward"):
            schema.migrate(connection, keys)
            connection.execute(text("ANALYZE"))
        installation = bootstrap.Installation(self.settings, connection.engine, keys, self.clock, SystemRandomness())
        runtime = installation.runtime()
        with Session(connection, autoflush=False, join_transaction_mode="create_savepoint") as session:
            settled = settle(runtime, session, places, self.clock())
            session.execute(update(Installation).values(backed_up_at=manifest.taken_at))
            session.commit()
        checks = (*CHECKS, *MECHANICS.checks)
        with Session(connection) as session, self.stage("auditing") as told:
            faults: list[Line] = []
            for done, (check, found) in enumerate(look(Books(session, keys), MECHANICS.checks), 1):
                told_of = "{check}: {row} {wrong}"
                faults += [
                    line(told_of, check=check.says, row=Verbatim(fault.row), wrong=fault.told) for fault in found
                ]
                told(done, len(checks))
        if faults and not self.with_faults:
            raise Faulty(self.path, faults)
        return Restored(manifest, settled, faults)

    def _count(self, connection: Connection, manifest: Manifest) -> None:
        for name, rows in manifest.rows.items():
            if name != "alembic_version" and (found := _count_of(connection, name)) != rows:
                told = (
                    "{file}: the table {table} has {found} rows, and should have {rows}; nothing was restored, take an "
                    "older backup"
                )
                raise BackupRefused(told, file=str(self.path), table=Verbatim(name), found=found, rows=rows)


def _count_of(connection: Connection, name: str) -> int:
    try:
        return connection.scalar(select(func.count()).select_from(table(name))) or 0
    except DBAPIError:
        return -1


def _into_sqlite(archive: Opened, target: Path, work: _Work, places: Sequence[Place]) -> Restored:
    sqlite.check_place(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    keys = open_key_file(work.settings.keys_file, SystemRandomness())
    with tempfile.TemporaryDirectory(prefix=_PART, dir=target.absolute().parent) as folder:
        copied = Path(folder) / "restored.db"
        with work.stage("unpacking") as told:
            archive.extract(copied, told)
        sqlite.check_whole(copied)
        database = open_database(f"sqlite:///{copied}", connections=1)
        try:
            with database.begin() as connection:
                restored = work.finish(connection, keys, archive.manifest, places)
        finally:
            database.dispose()
        sqlite.make_one_file(copied)
        _put(copied, target)
    return restored


def _put(copied: Path, target: Path) -> None:
    """Move the copy to its place, safe on disk; nobody else has come there meanwhile."""
    sqlite.check_place(target)
    copied.chmod(0o600)
    _make_safe(copied)
    copied.replace(target)
    _make_safe(target.absolute().parent)


def _make_safe(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _into_postgres(archive: Opened, database: Engine, work: _Work, places: Sequence[Place]) -> Restored:
    manifest = archive.manifest
    postgres.check_place(database, manifest.namespace)
    keys = open_key_file(work.settings.keys_file, SystemRandomness())
    with database.connect() as connection:
        server = max(postgres.server_of(connection), int(manifest.server))
    with tempfile.TemporaryDirectory(prefix="huoju-restore-") as folder:
        copied = Path(folder) / "database.pgdump"
        with work.stage("unpacking") as told:
            archive.extract(copied, told)
        database.dispose()
        try:
            with work.stage("restoring rows") as told:
                postgres.load(database.url, copied, server, manifest.rows, told)
            with database.begin() as connection:
                insert_revision = text("INSERT INTO alembic_version (version_num) VALUES (:revision)")
                connection.execute(insert_revision, {"revision": manifest.revision})
                return work.finish(connection, keys, manifest, places)
        except BaseException:
            postgres.drop_all(database)
            raise


@contextmanager
def _new_database(url: URL) -> Iterator[URL]:
    """A new database beside ``url``, dropped in the end."""
    name = f"huoju_rehearsal_{os.getpid()}"
    server = open_database(url.render_as_string(hide_password=False), connections=1)
    try:
        with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE template0'))
            except DBAPIError as error:
                told = (
                    "a database to restore into cannot be made ({why}); give the role CREATEDB, or restore to a server "
                    "of its own"
                )
                raise BackupRefused(told, why=Verbatim(str(error.orig).strip())) from None
            try:
                yield url.set(database=name)
            finally:
                connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    finally:
        server.dispose()


def _check_engine(manifest: Manifest, url: URL) -> None:
    if manifest.engine != url.get_backend_name():
        here = _NAMES.get(url.get_backend_name(), url.get_backend_name())
        told = (
            "the backup is of {engine}, and HUOJU_DATABASE_URL leads to {here}; a backup goes back to the same kind of "
            "database"
        )
        raise BackupRefused(told, engine=Verbatim(_NAMES[manifest.engine]), here=Verbatim(here))
    known = schema.revisions()
    if manifest.revision not in known:
        told = (
            "the backup has the schema {revision}, taken by Huoju {huoju}, and this program knows none after {newest}; "
            "update the program"
        )
        newest = Verbatim(known[-1])
        raise BackupRefused(told, revision=Verbatim(manifest.revision), huoju=Verbatim(manifest.huoju), newest=newest)


_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def _look_for_living(settings: Settings) -> None:
    """Raise BackupRefused while processes of Huoju run on this machine: they would go on in the middle of it."""
    living = sorted({f"{role} ({pid})" for role, pid, _ in metrics_files(settings.metrics_folder)})
    if living:
        raise BackupRefused(
            "Huoju runs on this machine: {living}; stop it before you restore", living=Verbatim(", ".join(living))
        )
