"""Bring a database to the newest schema, and refuse one of another keyring, or of another version of Huoju."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, insert, inspect, select, text
from sqlalchemy.exc import DatabaseError

from core.database import DatabaseUnusable
from core.keys import Keyring
from core.models import Base, Installation

if TYPE_CHECKING:
    from alembic.config import Config

# Alembic is imported where something is migrated: it took a twelfth of every process's start.
_MIGRATIONS = Path(__file__).parent / "migrations"
_NEWER = "this database was made by a newer Huoju; update the program"
_NO_OPTIONS = "unsupported startup parameter: options"
_BEHIND_A_POOLER = (
    "PgBouncer refuses our settings: let it have ignore_startup_parameters = options, and give them to the role: "
    "ALTER ROLE … SET lock_timeout = '15s'; ALTER ROLE … SET idle_in_transaction_session_timeout = '60s'"
)
_ONE_AT_A_TIME = 0x4875_6F6A_75  # "Huoju": PostgreSQL's advisory lock of migrations, for processes that start together


_PATIENCE = timedelta(seconds=15)
_IN_USE = frozenset({"55P03", "40P01"})  # a lock that was not to be had in time, a deadlock
_TRY_AGAIN = "others use the tables that change; stop the processes, then run: huoju db upgrade"


class TablesInUse(DatabaseUnusable):
    """Others have locked what a migration needs; nothing was changed."""


def migrations(
    connection: object, keys: Keyring | None = None, applied: Callable[[str], object] = lambda _revision: None
) -> "Config":
    """Alembic's configuration for our migrations on ``connection``; ``keys`` are for what must be sealed anew.

    Each revision is told to ``applied`` when it is done.
    """
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes.update(connection=connection, keys=keys, applied=applied)
    return config


def upgrade(
    engine: Engine,
    keys: Keyring,
    patience: timedelta = _PATIENCE,
    applied: Callable[[str], object] = lambda _revision: None,
) -> None:
    """Create or migrate the schema, forward only, with each revision ``applied`` told. Raises DatabaseUnusable.

    On PostgreSQL it waits for no lock longer than ``patience``; then it raises TablesInUse, and nothing was changed.
    """
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = {patience // timedelta(milliseconds=1)}"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
            migrate(connection, keys, applied)
            if connection.scalar(select(Installation.id)) is None:
                connection.execute(insert(Installation), {"id": 1, "key_check": keys.check_value()})
    except DatabaseError as error:
        if getattr(error.orig, "sqlstate", None) in _IN_USE:
            raise TablesInUse(_TRY_AGAIN) from None
        raise _unusable(error) from None
    check_keys(engine, keys)


def migrate(connection: Connection, keys: Keyring, applied: Callable[[str], object] = lambda _revision: None) -> None:
    """Bring the schema forward within the transaction of ``connection``. Raises DatabaseUnusable for a newer one."""
    from alembic import command  # noqa: PLC0415
    from alembic.util.exc import CommandError  # noqa: PLC0415

    try:
        command.upgrade(migrations(connection, keys, applied), "head")
    except CommandError as error:
        raise DatabaseUnusable(f"{_NEWER} ({error})") from None


def is_set_up(engine: Engine) -> bool:
    """True when the database has our tables, and so belongs to some keyring. Raises DatabaseUnusable."""
    try:
        with engine.connect() as connection:
            return inspect(connection).has_table(Installation.__tablename__)
    except DatabaseError as error:
        raise _unusable(error) from None


def _unusable(error: DatabaseError) -> DatabaseUnusable:
    said = f"the database cannot be opened: {error.orig}"
    return DatabaseUnusable(f"{said.rstrip()}\n{_BEHIND_A_POOLER}" if _NO_OPTIONS in said else said)


def check_keys(engine: Engine, keys: Keyring) -> None:
    """Raise DatabaseUnusable unless the database has our schema and was made with this keyring."""
    if not is_set_up(engine):
        raise DatabaseUnusable("this database is empty; run: huoju db upgrade")
    with engine.connect() as connection:
        _check_version(connection)
        known = connection.scalar(select(Installation.key_check))
    if known != keys.check_value():
        raise DatabaseUnusable("this database was made with another key file; set HUOJU_KEYS_FILE to that one")


@cache
def revisions() -> list[str]:
    """All revisions that this program knows, oldest first; each begins the name of its file."""
    return sorted(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def revision_of(connection: Connection) -> str | None:
    """The revision of the database, one that this program knows; None before the first. Raises DatabaseUnusable."""
    kept = inspect(connection).has_table("alembic_version")
    found = connection.scalar(text("SELECT version_num FROM alembic_version")) if kept else None
    if found is not None and found not in revisions():
        raise DatabaseUnusable(_NEWER)
    return None if found is None else str(found)


def source_of(revision: str) -> str:
    """The file of a migration."""
    (path,) = (_MIGRATIONS / "versions").glob(f"{revision}_*.py")
    return path.read_text(encoding="utf-8")


def _check_version(connection: Connection) -> None:
    if revision_of(connection) != revisions()[-1]:
        raise DatabaseUnusable("this database is older than this program; run: huoju db upgrade")


def differences(engine: Engine) -> list[Any]:
    """What the migrations leave different from the models: empty, or a migration is missing."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def in_words(found: list[Any]) -> list[str]:
    """Every one of ``differences`` as the table, column or index that it is about."""
    return [_name(change) for changes in found for change in (changes if isinstance(changes, list) else [changes])]


def _name(change: tuple[Any, ...]) -> str:
    kind, about = change[0], change[1:]
    match kind:
        case "add_table" | "remove_table":
            return f"table {about[0].name}"
        case "add_column" | "remove_column":
            return f"column {about[1]}.{about[2].name}"
        case _ if kind.startswith("modify_"):
            return f"column {about[1]}.{about[2]}"
    what = "index" if kind.endswith("_index") else "constraint"
    return f"{what} {about[0].name or ''} of table {about[0].table.name}".replace("  ", " ")
