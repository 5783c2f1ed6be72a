"""The tables of draws: the stock of prizes, and every roll."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import BY_TIME, Base, BigId, KeyedHash, LongText, Word
from core.models.stock import Stocked


class Prize(Stocked, Base):
    """The stock of one prize."""

    __tablename__ = "prizes"
    asset, shelf, loading = "prize", "stock", "stock"


class Draw(Base):
    """One roll of one code: all that is needed to compute it again from the revealed seed."""

    __tablename__ = "draws"
    __table_args__ = (
        Index("ix_draws_at", "at", **BY_TIME),
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
