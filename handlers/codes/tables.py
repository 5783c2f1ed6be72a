"""The tables of codes: each by its hash, and what was redeemed."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import BY_TIME, Base, BigId, KeyedHash


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
    __table_args__ = (
        Index("ix_redemptions_at", "at", **BY_TIME),
        Index("ix_redemptions_player_id", "player_id", "at"),
    )

    code_hash: Mapped[KeyedHash] = mapped_column(ForeignKey("codes.hash"), primary_key=True)
    campaign_id: Mapped[int]
    player_id: Mapped[BigId]
    counted_on: Mapped[date]
    """The campaign day whose limit it used up: the player's active day, which never moves back."""
    at: Mapped[datetime]
