"""What must be there: rows that are old and done go (core/retention), and younger ones do not."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.models import Ageing
from core.models.base import Base, table_of


def is_kept(at: ColumnElement[Any] | InstrumentedAttribute[Any], table: type[Base]) -> ColumnElement[bool]:
    """Whether a row of ``table`` that is of the instant ``at`` must be there; an older one may have gone."""
    until = select(Ageing.until).where(Ageing.what == table_of(table).name).scalar_subquery()
    return or_(until.is_(None), at >= until)
