"""Many rows in one statement: claim, append, add up and change them; core/lists.py asks for all that a list names.

A turn's statements stay the same whatever the number of its rows, so SQLAlchemy compiles and PostgreSQL prepares each
of them once. There rows arrive as one JSON parameter: with a parameter for every value, reading the statement costs
more than running it. SQLite's driver runs one statement for many rows; it is handed their values in the order of the
statement, each column converted at once, as SQLAlchemy would look up every value of every row by its name.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import orjson
import psycopg
from sqlalchemy import (
    JSON,
    ColumnElement,
    Row,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    cast,
    column,
    func,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state, manager_of_class

from core.lists import as_json
from core.models.base import Base
from core.notices import telling

_ROWS = "rows"
Made = TypeVar("Made", bound=Base)


def claim(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *returning: ColumnElement[Any]
) -> Sequence[Row[Any]]:
    """Insert those ``rows`` that are not there yet and return ``returning`` of exactly these.

    Sort the rows by primary key, so that two processes that claim the same rows wait for each other in one order.
    """
    if not rows:
        return []
    return session.execute(_claiming(table, tuple(rows[0]), returning, _dialect(session)), _given(session, rows)).all()


def add_up(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], *counters: str) -> None:
    """Insert ``rows``; where one is there already, add to its ``counters``. Sort the rows by primary key."""
    _write(session, _adding(table, tuple(rows[0]), counters, _dialect(session)), rows)


def append(
    session: Session, table: Table, rows: Sequence[Mapping[str, Any]], notice: ColumnElement[Any] | None = None
) -> None:
    """Insert append-only ``rows``, all of the same columns; PostgreSQL tells their ``notice`` (core/notices.py)."""
    if not rows:
        return
    dialect, names = _dialect(session), tuple(rows[0])
    if notice is not None and dialect == "postgresql":
        session.connection().execute(_telling(table, names, notice, dialect), _given(session, rows))
    else:
        _write(session, _insertion(table, names, dialect), rows)


def add(session: Session, instances: Sequence[Any]) -> None:
    """Insert new mapped objects of one class; they do not become part of the session."""
    if instances:
        table = inspect(instances[0]).mapper.local_table
        append(session, table, [_row(instance, table.c.keys()) for instance in instances])


def fresh(model: type[Made], **values: Any) -> Made:
    """A new mapped object with these values, for :func:`add`: as ``model(**values)``, which is ten times as slow.

    SQLAlchemy's constructor sets one attribute after the other and notes each for a flush that never comes.
    """
    instance: Made = manager_of_class(model).new_instance()
    vars(instance).update(values)
    return instance


def write_changes(session: Session) -> None:
    """Write what changed on the mapped objects of ``session``, one statement a table; then let go of all objects."""
    changed: dict[type[Any], tuple[list[Any], set[str]]] = {}
    for instance in session.dirty:
        if moved := _moved(instance):
            instances, names_moved = changed.setdefault(type(instance), ([], set()))
            instances.append(instance)
            names_moved.update(moved)
    session.expunge_all()
    for model, (instances, moved) in changed.items():
        table = inspect(model).local_table
        names = tuple(column.name for column in table.columns if column.primary_key or column.name in moved)
        rows = [_row(instance, names) for instance in instances]
        _write(session, _change(table, names, _dialect(session)), rows, _NEW)


def _moved(instance: object) -> set[str]:
    """What is not as it was; what was set to the value that it had already is."""
    values = vars(instance)
    return {name for name, was in instance_state(instance).committed_state.items() if values[name] != was}


def change(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Change ``rows``, each given with its primary key and the same other columns."""
    if rows:
        statement = _change(table, tuple(rows[0]), _dialect(session))
        _write(session, statement, rows, _NEW)


def bulk_load(session: Session, table: Table, columns: Sequence[str], rows: Sequence[tuple[bytes, int]]) -> None:
    """Insert ``rows`` of keyed hashes and numbers as fast as the database takes them: by COPY where there is one.

    Raises IntegrityError when a row exists.
    """
    if _dialect(session) != "postgresql":
        session.execute(sqlite.insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
        return
    driver: Any = session.connection().connection.driver_connection
    lines = "".join(f"\\\\x{row[0].hex()}\t{row[1]}\n" for row in rows)
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
            copy.write(lines)
    except psycopg.IntegrityError as error:
        raise IntegrityError(f"COPY {table.name}", None, error) from error


def _row(instance: object, names: Iterable[str]) -> dict[str, Any]:
    values = vars(instance)  # past SQLAlchemy's descriptors, which cost a turn more than writing its rows
    return {name: values[name] for name in names}


_SQLITE = sqlite.dialect(paramstyle="qmark")
_NEW = "new_"
"""Begins the names of an UPDATE's parameters on SQLite, where a column's own name means the column."""


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


@cache
def _insertion(table: Table, names: tuple[str, ...], dialect: str) -> Any:
    if dialect != "postgresql":
        return sqlite.insert(table)
    return postgresql.insert(table).from_select(names, select(_records(table, names)))


@cache
def _adding(table: Table, names: tuple[str, ...], counters: tuple[str, ...], dialect: str) -> Any:
    statement = _insertion(table, names, dialect)
    added = {counter: table.c[counter] + statement.excluded[counter] for counter in counters}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=added)


@cache
def _claiming(table: Table, names: tuple[str, ...], returning: tuple[ColumnElement[Any], ...], dialect: str) -> Any:
    return _insertion(table, names, dialect).on_conflict_do_nothing().returning(*returning)


@cache
def _telling(table: Table, names: tuple[str, ...], notice: ColumnElement[Any], dialect: str) -> Any:
    return telling(_insertion(table, names, dialect).returning(notice))


@cache
def _change(table: Table, names: tuple[str, ...], dialect: str) -> Any:
    """An UPDATE of the columns ``names`` of many rows, the primary key among them to find each row."""
    new: Mapping[str, Any] = {name: bindparam(_NEW + name) for name in names}
    if dialect == "postgresql":
        new = dict(_records(table, names).c)
    key = {column.name for column in table.primary_key.columns}
    statement = update(table).values({name: new[name] for name in names if name not in key})
    return statement.where(*(table.c[name] == new[name] for name in names if name in key))


def _records(table: Table, names: Iterable[str]) -> TableValuedAlias:
    columns = [column(name, table.c[name].type) for name in names]
    rows = cast(bindparam(_ROWS, type_=Text), JSON)
    return func.json_to_recordset(rows).table_valued(*columns).render_derived(name=_ROWS, with_types=True)


def _given(session: Session, rows: Sequence[Mapping[str, Any]]) -> Any:
    if _dialect(session) == "postgresql":
        return {_ROWS: orjson.dumps(rows, default=as_json).decode()}
    return rows


class _Place(NamedTuple):
    """A value of a statement of SQLite: which column of a row it is, and what makes it a value of the driver's."""

    name: str
    convert: Callable[[Any], Any] | None

    def values(self, rows: Sequence[Mapping[str, Any]]) -> Iterable[Any]:
        """That column of all rows."""
        found = [row[self.name] for row in rows]
        return found if self.convert is None else map(self.convert, found)


def _write(session: Session, statement: Any, rows: Sequence[Mapping[str, Any]], prefix: str = "") -> None:
    """Execute ``statement`` for ``rows``; on SQLite it names their columns with ``prefix``."""
    connection = session.connection()
    if _dialect(session) == "postgresql":
        connection.execute(statement, _given(session, rows))
    else:
        text, places = _in_order(statement, tuple(rows[0]), prefix)
        connection.exec_driver_sql(text, list(zip(*(place.values(rows) for place in places), strict=True)))


@cache
def _in_order(statement: Any, names: tuple[str, ...], prefix: str) -> tuple[str, tuple[_Place, ...]]:
    """The text of a statement for SQLite, and its values in their order."""
    compiled = statement.compile(dialect=_SQLITE, column_keys=None if prefix else list(names))
    types = {name: compiled.binds[name].type.dialect_impl(_SQLITE) for name in compiled.positiontup}
    return str(compiled), tuple(
        _Place(name.removeprefix(prefix), types[name].bind_processor(_SQLITE)) for name in compiled.positiontup
    )
