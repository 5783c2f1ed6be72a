"""The calendar: each occurrence of a job that a campaign file schedules, claimed once."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, Word


class CalendarRun(Base):
    """One occurrence of one job.

    ``state``: "planting" timers for the players, "done", "stopped" by an operator, or "missed": found too late.
    """

    __tablename__ = "calendar_runs"
    __table_args__ = (
        CheckConstraint("state IN ('planting', 'done', 'stopped', 'missed')", name="state"),
        Index(
            "ix_calendar_runs_planting",
            "scheduled_at",
            postgresql_where=text("state = 'planting'"),
            sqlite_where=text("state = 'planting'"),
        ),
    )

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    job: Mapped[Word] = mapped_column(primary_key=True)
    scheduled_at: Mapped[datetime] = mapped_column(primary_key=True)
    state: Mapped[Word]
    after_id: Mapped[BigId]
    """The last player for whom a timer was planted; it goes on after that one."""
    planted: Mapped[int]
