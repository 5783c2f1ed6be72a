"""Logos, by what was in their files: a version of a campaign names one, and any process can show it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class Logo(Base):
    """One logo, drawn anew from the file that came; never changed."""

    __tablename__ = "logos"
    __table_args__ = (CheckConstraint("width > 0 AND height > 0", name="size"),)

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256, in hex, of the file that came."""
    png: Mapped[bytes]
    width: Mapped[int]
    height: Mapped[int]
    on_dark: Mapped[bool]
    """Whether it is seen on dark ground alone."""
    kept_at: Mapped[datetime]
