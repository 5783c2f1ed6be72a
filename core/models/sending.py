"""Sending: what of the outbox is still to be delivered, and how fast an account may send."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, KeyedHash, LongText, Word


class Dispatch(Base):
    """One text of the outbox that has to be delivered; the row is gone when it was.

    ``duty`` says how it may be sent: 0 an answer, 1 a notice (both at least once), 2 marketing (at most once).
    ``state``: "due" at ``due_at``; "sending" while an adapter has it; "unknown" for marketing whose outcome nobody
    knows; "dead" when it was given up.
    """

    __tablename__ = "dispatches"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'sending', 'unknown', 'dead')", name="state"),
        CheckConstraint("duty IN (0, 1, 2)", name="duty"),
        Index(
            "ix_dispatches_due",
            "channel",
            "account",
            "duty",
            "due_at",
            postgresql_where=text("state = 'due'"),
            sqlite_where=text("state = 'due'"),
        ),
        Index(
            "ix_dispatches_sending",
            "taken_at",
            postgresql_where=text("state = 'sending'"),
            sqlite_where=text("state = 'sending'"),
        ),
    )

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of the text within its conversation, which is sent in this order."""
    ref: Mapped[str] = mapped_column(String(160))
    part: Mapped[int]
    channel: Mapped[Word]
    account: Mapped[Word]
    duty: Mapped[int]
    state: Mapped[Word]
    due_at: Mapped[datetime]
    tries: Mapped[int]
    taken_at: Mapped[datetime | None]
    error: Mapped[LongText | None]


class Account(Base):
    """One of our accounts on a channel: how far its rate is booked, and whether it may send at all."""

    __tablename__ = "accounts"

    channel: Mapped[Word] = mapped_column(primary_key=True)
    account: Mapped[Word] = mapped_column(primary_key=True)
    booked_until: Mapped[datetime]
    """The bucket: every text that is sent books one interval of the rate from here, or from now when that is later."""
    closed_until: Mapped[datetime | None]
    """The platform asked us to wait until then."""
    paused: Mapped[bool]
    """An operator stopped it."""
