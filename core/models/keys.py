"""Rotation of keys: how far each sealed column has come."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId


class Resealing(Base):
    """How far one sealed column is sealed anew with one key, pass by pass, until a pass finds nothing old."""

    __tablename__ = "resealings"

    what: Mapped[str] = mapped_column(String(80), primary_key=True)
    """Table and column."""
    key_number: Mapped[int]
    """The key that it is sealed anew with: the newest."""
    pass_number: Mapped[int]
    """Which pass it is, from 1."""
    reached: Mapped[str | None] = mapped_column(Text)
    """The primary key of the row at which the pass is, as JSON; None at its beginning."""
    total: Mapped[BigId]
    """How many rows the table had when the first pass began."""
    seen: Mapped[BigId]
    """How many rows the pass has looked at."""
    old: Mapped[BigId]
    """How many of them were sealed by an older key, and can be opened."""
    unreadable: Mapped[BigId]
    """How many of them do not open, and stay as they are."""
    anew: Mapped[BigId]
    """How many values were sealed anew with this key, in all passes."""
    began_at: Mapped[datetime]
    """When the first pass with this key began."""
    moved_at: Mapped[datetime]
    """When it came forward last."""
    ended_at: Mapped[datetime | None]
    """When a pass had found nothing old; None while one is under way."""
