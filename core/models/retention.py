"""Retention: how far rows of each kind have gone because they were old."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, Word


class Ageing(Base):
    """How far old rows of one table went, sweep by sweep; what is kept elsewhere of them is judged by it."""

    __tablename__ = "ageings"

    what: Mapped[Word] = mapped_column(primary_key=True)
    """The name of the table."""
    until: Mapped[datetime]
    """What is older may be gone; it only moves forward."""
    gone: Mapped[BigId]
    """How many rows went, ever."""
    reached: Mapped[datetime | None]
    """How old the rows are at which the sweep is; None at its beginning."""
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When the last sweep ended; None while one is under way."""
