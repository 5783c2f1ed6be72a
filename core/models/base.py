"""What all tables share: names of constraints, and the column types of an instant, an id and a keyed hash."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from core.database import Instant

BigId = Annotated[int, mapped_column(BigInteger)]
KeyedHash = Annotated[bytes, mapped_column(LargeBinary(16))]
Word = Annotated[str, mapped_column(String(40))]
BY_TIME: Mapping[str, Any] = {"postgresql_using": "brin", "postgresql_with": {"autosummarize": "on"}}
"""How an index of instants is kept where rows are appended as time goes on: PostgreSQL notes what each stretch of the
table has, which costs next to nothing and finds a day. Not where old rows go (core/retention): what takes their room is
noted together with them."""
LongText = Annotated[str, mapped_column(Text)]


class Base(DeclarativeBase):
    """The registry of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant}  # noqa: RUF012  # SQLAlchemy reads it as a plain class attribute


def table_of(model: type[Base]) -> Table:
    """The table of ``model``, for bulk statements that pass the identity map by."""
    table = model.__table__
    assert isinstance(table, Table)
    return table
