"""Upgrade: what bringing a database to the newest schema will do, and doing it so that nobody waits behind it for long.

What a migration does is read from its file, where its first sentence says what it is for.
"""

import ast
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine, func, inspect, select, table, text

from core import schema
from core.database import DatabaseUnusable
from core.keys import Keyring

LOCK_PATIENCE = timedelta(seconds=3)
"""So long a migration waits for a table; whoever comes after it waits behind it."""
TRIES = 40
_PAUSE_S = 3.0
_READ_A_SECOND = 500_000
"""Rows of which a small machine makes an index, or a copy, in a second."""
_CHANGED_A_SECOND = 50_000
_ALTERS = frozenset({"add_column", "alter_column", "drop_column", "batch_alter_table"})
_BUILDS = frozenset({"create_index", "create_unique_constraint", "create_foreign_key"})
_CHANGES_ROWS = re.compile(r"\b(?:UPDATE|DELETE\s+FROM|INSERT\s+INTO)\s+\"?(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """One revision that is to come."""

    revision: str
    says: str
    """What it is for, in a sentence."""
    alters: frozenset[str]
    """Tables whose columns or rules change, which takes an instant on PostgreSQL, and a copy on SQLite."""
    builds: frozenset[str]
    """Tables of which an index is made."""
    changes: frozenset[str]
    """Tables whose rows change."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A table that nobody else writes meanwhile, and about how many rows it has."""

    table: str
    rows: int
    lasts_s: float
    """About so long, on a small machine."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upgrade will do."""

    before: str
    """The revision of the database now."""
    steps: Sequence[Step]
    waiting: Sequence[Waiting]

    @property
    def lasts_s(self) -> float:
        """About so long all of these tables are locked, until everything is done."""
        return sum(one.lasts_s for one in self.waiting)


def plan(connection: Connection) -> Plan | None:
    """What ``schema.upgrade`` will do; None for a database that is empty. Raises DatabaseUnusable for a newer one."""
    before = schema.revision_of(connection)
    if before is None:
        return None
    steps = [_step(revision) for revision in schema.revisions() if revision > before]
    known = set(inspect(connection).get_table_names())
    touched = {name for step in steps for name in step.alters | step.builds | step.changes} & known
    return Plan(before, steps, [_waiting(connection, name, steps) for name in sorted(touched)])


def _waiting(connection: Connection, name: str, steps: Sequence[Step]) -> Waiting:
    rows, copies = _rows(connection, name), connection.dialect.name == "sqlite"
    read = sum((name in step.builds) + (copies and name in step.alters) for step in steps)
    changed = sum(name in step.changes for step in steps)
    return Waiting(name, rows, rows * (read / _READ_A_SECOND + changed / _CHANGED_A_SECOND))


def _rows(connection: Connection, name: str) -> int:
    """On PostgreSQL what its statistics believe, where there are any: counting takes as long as changing."""
    if connection.dialect.name == "postgresql":
        believed = text("SELECT reltuples::bigint FROM pg_class WHERE oid = to_regclass(:name)")
        if (rows := connection.scalar(believed, {"name": name}) or 0) > 0:
            return int(rows)
    return connection.scalar(select(func.count()).select_from(table(name))) or 0


def _step(revision: str) -> Step:
    tree = ast.parse(schema.source_of(revision))
    says = (ast.get_docstring(tree) or "").split("\n\n", maxsplit=1)[0].replace("\n", " ")
    alters, builds = set[str](), set[str]()
    for name, arguments in _operations(tree):
        if name in _ALTERS:
            alters.update(arguments[:1])
        elif name in _BUILDS:
            builds.update(arguments[1:2])
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    changes = {found for each in strings for found in _CHANGES_ROWS.findall(each)}
    return Step(revision, says, frozenset(alters), frozenset(builds), frozenset(changes))


def _operations(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Alembic's operations in a migration, each with those of its arguments that are written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, [_spelt(argument) for argument in node.args]


def _spelt(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and node.args:  # op.f("…")
        return _spelt(node.args[0])
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def upgrade(
    engine: Engine,
    keys: Keyring,
    told: Callable[[int], object] = lambda _tries: None,
    *,
    patience: timedelta = LOCK_PATIENCE,
    pause: Callable[[float], object] = time.sleep,
    applied: Callable[[str], object] = lambda _revision: None,
) -> None:
    """Bring ``engine`` to the newest schema, all of it or nothing. Raises DatabaseUnusable.

    On PostgreSQL it waits for a table for no longer than ``patience``, for everybody else would queue behind it; then
    it lets go of all, pauses, and tries again, as ``told``. Each revision is told to ``applied`` when it is done.
    """
    for tries in range(1, TRIES + 1):
        try:
            schema.upgrade(engine, keys, patience, applied)
        except schema.TablesInUse:
            told(tries)
            pause(_PAUSE_S)
        else:
            return
    told_why = (
        "others use these tables all the time: stop the processes, or end what pg_stat_activity shows to last long"
    )
    raise DatabaseUnusable(f"{told_why}; nothing was changed")
