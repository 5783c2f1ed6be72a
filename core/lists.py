"""Lists in a statement: ask for all rows that a parameter names, by one column or by several.

A statement stays the same whatever the length of the list, so SQLAlchemy compiles and PostgreSQL prepares it once.
There a list arrives as one array, and a list of tuples as one JSON parameter: with a parameter for every value,
reading the statement costs more than running it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    ColumnElement,
    Dialect,
    Text,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    tuple_,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

Column = ColumnElement[Any] | InstrumentedAttribute[Any]


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> "_Among":  # noqa: ARG002
        """Stay as it is: without this, SQLite would be asked whether it "= 1" and use no index."""
        return self


def among(column_: Column, name: str) -> ColumnElement[bool]:
    """``column_`` is one of the values in the list that the statement's parameter ``name`` will be."""
    return _Among(column_, bindparam(name, expanding=True))


@compiles(_Among)
def _listed(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    wanted, values = element.clauses
    return compiler.process(wanted.in_(bindparam(values.key, expanding=True, type_=wanted.type)), **how)


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    wanted, values = element.clauses
    listed = cast(bindparam(values.key, type_=_ArrayLiteral()), ARRAY(wanted.type))
    return compiler.process(wanted == any_(listed), **how)


class _AmongRows(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> "_AmongRows":  # noqa: ARG002
        """As for one column."""
        return self


def among_rows(columns: Sequence[Column], name: str) -> ColumnElement[bool]:
    """``columns`` are one of the tuples in the list that the statement's parameter ``name`` will be."""
    return _AmongRows(*columns, bindparam(name, expanding=True))


@compiles(_AmongRows)
def _listed_rows(element: _AmongRows, compiler: SQLCompiler, **how: Any) -> str:
    *columns, values = element.clauses
    return compiler.process(tuple_(*columns).in_(bindparam(values.key, expanding=True)), **how)


@compiles(_AmongRows, "postgresql")
def _in_records(element: _AmongRows, compiler: SQLCompiler, **how: Any) -> str:
    *columns, values = element.clauses
    typed = [column(f"f{place}", each.type) for place, each in enumerate(columns)]
    rows = cast(bindparam(values.key, type_=_Records()), JSON)
    records = func.json_to_recordset(rows).table_valued(*typed).render_derived(name="wanted", with_types=True)
    return compiler.process(tuple_(*columns).in_(select(records)), **how)


class _Records(TypeDecorator[Sequence[Any]]):
    """A list of tuples as a JSON array of records, whose fields are called f0, f1 and so on."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Any] | None, _dialect: Dialect) -> str:
        """Written by orjson."""
        rows = [{f"f{place}": field for place, field in enumerate(row)} for row in value or ()]
        return orjson.dumps(rows, default=as_json).decode()


class _ArrayLiteral(TypeDecorator[Sequence[Any]]):
    """A list as PostgreSQL writes an array, in one string: psycopg's own dumper looks at each element in Python."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[Any] | None, _dialect: Dialect) -> str:
        """Numbers as they are, bytes in hex, everything else quoted."""
        return "{" + ",".join(map(_element, value or ())) + "}"


def _element(value: object) -> str:
    match value:
        case int():
            return str(value)
        case bytes():
            return '"\\\\x' + value.hex() + '"'
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case datetime() | date():
            return f'"{value.isoformat()}"'
        case _:
            raise TypeError(f"a list of {type(value).__name__} cannot be asked for")


def as_json(value: object) -> str:
    """Bytes, which JSON has no kind of, as PostgreSQL reads them; orjson writes instants and days itself."""
    assert isinstance(value, bytes), value
    return "\\x" + value.hex()
