"""Instants in a statement: so long after another one, to the microsecond on both databases."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from core.database import Instant


class _Later(FunctionElement[Any]):
    type = Instant()
    inherit_cache = True


def later(instant: ColumnElement[Any] | InstrumentedAttribute[Any], length: timedelta) -> ColumnElement[Any]:
    """``length``, whole seconds of it, after ``instant``."""
    return _Later(instant, int(length.total_seconds()))


@compiles(_Later, "sqlite")
def _text(element: _Later, compiler: SQLCompiler, **how: Any) -> str:
    """SQLite keeps an instant as text and reckons in milliseconds: what is below a second stays as it is."""
    instant, seconds = (compiler.process(each, **how) for each in element.clauses)
    whole = f"strftime('%Y-%m-%d %H:%M:%S', substr({instant}, 1, 19), ({seconds}) || ' seconds')"
    return f"({whole} || substr({instant}, 20))"


@compiles(_Later, "postgresql")
def _interval(element: _Later, compiler: SQLCompiler, **how: Any) -> str:
    instant, seconds = (compiler.process(each, **how) for each in element.clauses)
    return f"({instant} + make_interval(secs => {seconds}))"
