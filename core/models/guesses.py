"""Codes by their hash, what was redeemed and drawn with them, and how often people guessed wrong."""

from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base


class Guesses(Base):
    """Wrong codes in one hour: of one campaign, or of everybody (scope 0)."""

    __tablename__ = "guesses"

    scope: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrong: Mapped[int]
