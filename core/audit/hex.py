"""Bytes as lower-case hex, in SQL: the refs of transfers hold the hashes of codes in this way."""

from typing import Any

from sqlalchemy import ColumnElement, String, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Hexed(FunctionElement[str]):
    type = String()
    inherit_cache = True


def hexed(column: InstrumentedAttribute[bytes]) -> ColumnElement[str]:
    """``column`` as lower-case hex."""
    return _Hexed(column)


@compiles(_Hexed)
def _lowered(element: _Hexed, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(func.lower(func.hex(*element.clauses)), **how)


@compiles(_Hexed, "postgresql")
def _encoded(element: _Hexed, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(func.encode(*element.clauses, "hex"), **how)
