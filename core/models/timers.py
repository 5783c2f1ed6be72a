"""Timers: what is due is a row."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, LongText, Word


class Timer(Base):
    """Something of one player that is due at an instant, once per kind, subject and occurrence.

    ``state``: "due" until it fired; "dropped" when its reason had gone by then; "failed" when it cannot be carried
    out, with the error for an operator.
    """

    __tablename__ = "timers"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'fired', 'dropped', 'failed')", name="state"),
        Index(
            "ix_timers_due_at",
            "due_at",
            postgresql_where=text("state = 'due'"),
            sqlite_where=text("state = 'due'"),
        ),
        Index(
            "ix_timers_settled_at",
            "settled_at",
            postgresql_where=text("settled_at IS NOT NULL"),
            sqlite_where=text("settled_at IS NOT NULL"),
        ),
    )

    owner_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    """The player whom it concerns."""
    kind: Mapped[Word] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    occurrence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime | None]
    """When that happened from which a follow-up is counted: ``due_at`` may move."""
    due_at: Mapped[datetime]
    state: Mapped[Word]
    settled_at: Mapped[datetime | None]
    error: Mapped[LongText | None]
