"""What is in stock: so many pieces of it, and as many left."""

from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.models.base import Base, Word


class Stocked(Base):
    """What a table of things in stock has. ``stock_left`` caches the ledger and may not fall below zero."""

    __abstract__ = True

    asset: ClassVar[str]
    """What the ledger calls one piece, before a colon and its name."""
    shelf: ClassVar[str]
    """Which account of the campaign holds it, before a colon and its name."""
    loading: ClassVar[str]
    """What the refs of transfers begin with that load it."""

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    name: Mapped[Word] = mapped_column(primary_key=True)
    stock: Mapped[int]
    stock_left: Mapped[int]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[CheckConstraint]:  # noqa: N805  # SQLAlchemy calls it with the class
        return (CheckConstraint("stock_left >= 0", name="stock_left"),)
