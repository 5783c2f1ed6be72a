"""What the days of a campaign came to: counted from all other rows, and good to be counted again."""

from datetime import date, datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, Word


class MeasuredDay(Base):
    """A day of a campaign of which all kept measures were counted, and when they are counted again."""

    __tablename__ = "measured_days"
    __table_args__ = (
        Index(
            "ix_measured_days_next_at",
            "next_at",
            postgresql_where=text("next_at IS NOT NULL"),
            sqlite_where=text("next_at IS NOT NULL"),
        ),
    )

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    """In the zone of the campaign."""
    counted_as: Mapped[str] = mapped_column(String(80))
    """That zone, and a fingerprint of which measures are kept: a day that was counted otherwise is counted anew."""
    counted_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    """None for a day that is final."""


class DailyMeasure(Base):
    """What one measure came to on one day of a campaign at one channel; a day that has none of it has no row."""

    __tablename__ = "daily_measures"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[Word] = mapped_column(primary_key=True)
    channel: Mapped[Word] = mapped_column(primary_key=True)
    """Empty for what has none."""
    value: Mapped[BigId]
    rows: Mapped[BigId]
    """Of how many rows of the database it was made."""
