"""Codes by their hash, what was redeemed and drawn with them, and how often people guessed wrong."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, KeyedHash, LongText, Word


class Code(Base):
    """One printed code, known only by its peppered hash."""

    __tablename__ = "codes"
    __table_args__ = ({"sqlite_with_rowid": False},)

    hash: Mapped[KeyedHash] = mapped_column(primary_key=True)
    batch_id: Mapped[int]
    """Without a foreign key: checking one for each of ten million rows would double the time to issue them."""


class Redemption(Base):
    """A code was used: the primary key is why it can be used once only."""

    __tablename__ = "redemptions"

    code_hash: Mapped[KeyedHash] = mapped_column(ForeignKey("codes.hash"), primary_key=True)
    campaign_id: Mapped[int]
    player_id: Mapped[BigId]
    counted_on: Mapped[date]
    """The campaign day whose limit it used up: the player's active day, which never moves back."""
    at: Mapped[datetime]


class Draw(Base):
    """One roll of one code: all that is needed to compute it again from the revealed seed."""

    __tablename__ = "draws"
    __table_args__ = (
        Index("ix_draws_at", "at"),
        CheckConstraint("odds_in > 0", name="odds_in"),
    )

    code_hash: Mapped[KeyedHash] = mapped_column(ForeignKey("redemptions.code_hash"), primary_key=True)
    campaign_id: Mapped[int]
    version: Mapped[int]
    player_id: Mapped[BigId]
    roll: Mapped[Word]
    """The roll as 16 hex digits: the numerator of a fraction of 2^64."""
    odds: Mapped[BigId]
    odds_in: Mapped[BigId]
    """The chance was ``odds`` in ``odds_in``, boost included."""
    points_seen: Mapped[BigId]
    stock_seen: Mapped[LongText | None]
    """For a roll that won: JSON of the stock that could be won then, by prize; else NULL."""
    prize: Mapped[Word | None]
    at: Mapped[datetime]


class Guesses(Base):
    """Wrong codes in one hour: of one campaign, or of everybody (scope 0)."""

    __tablename__ = "guesses"

    scope: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrong: Mapped[int]
