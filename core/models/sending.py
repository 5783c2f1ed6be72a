"""Sending: what of the outbox is still to be delivered, how fast an account may send, receipts, and what it costs."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, KeyedHash, LongText, Word


class OutboundJob(Base):
    """One text of the outbox that has to be delivered; the row is gone when it was.

    ``category`` says when it may be sent (core.sending.outbound.Category). ``state``: "due" at ``due_at``, where
    ``error`` says what it waits for; "held" until the player speaks, as the platform lets us send nothing before;
    "sending" while an adapter has it; "unknown" when nobody knows its outcome and it may not be sent again; "dead"
    when it was given up; "dropped" when it was needless before it went, as ``error`` says.
    """

    __tablename__ = "dispatches"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'held', 'sending', 'unknown', 'dead', 'dropped')", name="state"),
        CheckConstraint("category BETWEEN 0 AND 4", name="category"),
        CheckConstraint("category < 2 OR expires_at IS NOT NULL", name="expires_at"),
        CheckConstraint(
            "(job IS NULL AND scheduled_at IS NULL)"
            " OR (category = 4 AND job IS NOT NULL AND scheduled_at IS NOT NULL AND campaign_id IS NOT NULL)",
            name="announcement",
        ),
        CheckConstraint("by_right IN ('typed', 'tapped', 'consent', 'template')", name="by_right"),
        Index(
            "ix_dispatches_due",
            "channel",
            "account",
            "category",
            "due_at",
            postgresql_where=text("state = 'due'"),
            sqlite_where=text("state = 'due'"),
        ),
        Index(
            "ix_dispatches_held",
            "address_key",
            postgresql_where=text("state = 'held'"),
            sqlite_where=text("state = 'held'"),
        ),
        Index(
            "ix_dispatches_sending",
            "taken_at",
            postgresql_where=text("state = 'sending'"),
            sqlite_where=text("state = 'sending'"),
        ),
        Index(
            "ix_dispatches_dead",
            "due_at",
            postgresql_where=text("state = 'dead'"),
            sqlite_where=text("state = 'dead'"),
        ),
        Index(
            "ix_dispatches_announcement",
            "campaign_id",
            "job",
            "scheduled_at",
            postgresql_where=text("job IS NOT NULL"),
            sqlite_where=text("job IS NOT NULL"),
        ),
    )

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of the text within its conversation; those of one category are sent in this order."""
    ref: Mapped[str] = mapped_column(String(160))
    part: Mapped[int]
    channel: Mapped[Word]
    account: Mapped[Word]
    category: Mapped[int]
    """As its text in the outbox says: what is due is found and put in order by it (an audit compares them)."""
    campaign_id: Mapped[int | None]
    """The campaign in which it was said."""
    job: Mapped[str | None] = mapped_column(String(40))
    """The calendar job whose announcement it is, with ``scheduled_at``: a run of the calendar."""
    scheduled_at: Mapped[datetime | None]
    broadcast_id: Mapped[BigId | None]
    """The broadcast whose text it is."""
    capped: Mapped[bool] = mapped_column(server_default=false())
    """Its player had heard enough when its turn came, and it was put off for that: a broadcast is put off once."""
    state: Mapped[Word]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """From when on it is news no more, and is dropped."""
    tries: Mapped[int]
    taken_at: Mapped[datetime | None]
    by_right: Mapped[str | None] = mapped_column(String(40))
    """Which right it took up on its way, where the platform counts them; of one that is due: which was refused."""
    error: Mapped[LongText | None]


class Touch(Base):
    """One marketing text that went to an address, whatever became of it then: what limits count, and audits look at."""

    __tablename__ = "touches"

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of the text within its conversation."""
    campaign_id: Mapped[int | None]
    job: Mapped[str | None] = mapped_column(String(40))
    scheduled_at: Mapped[datetime | None]
    at: Mapped[datetime]
    """When it was taken, to be sent."""
    said_count: Mapped[int]
    """How many texts had been said to the address by then: what was said before this text went, and what after."""


class Account(Base):
    """One of our accounts on a channel: how far its rate is booked, and whether it may send at all."""

    __tablename__ = "accounts"

    channel: Mapped[Word] = mapped_column(primary_key=True)
    account: Mapped[Word] = mapped_column(primary_key=True)
    booked_until: Mapped[datetime]
    """The bucket: every text that is sent books one interval of the rate from here, or from now when that is later."""
    closed_until: Mapped[datetime | None]
    """The platform asked us to wait until then."""
    closed_why: Mapped[LongText | None]
    """The error with which it did; what is left of an earlier closing means nothing."""
    paused: Mapped[bool]
    """An operator stopped it."""


class Receipt(Base):
    """What a platform said of a text, or of a part of one, by the id that it gave it.

    A receipt may overtake the answer to the send that it is about; then nobody knows yet whose it is.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        CheckConstraint("fate IN ('on_its_way', 'delivered', 'failed')", name="fate"),
        Index("ix_receipts_at", "at"),
        Index(
            "ix_receipts_value",
            "channel",
            "account",
            "value",
            postgresql_where=text("value IS NOT NULL"),
            sqlite_where=text("value IS NOT NULL"),
        ),
    )

    channel: Mapped[Word] = mapped_column(primary_key=True)
    account: Mapped[Word] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    address_key: Mapped[KeyedHash | None]
    sequence: Mapped[int | None]
    """Of the text within its conversation."""
    fate: Mapped[Word]
    error: Mapped[str | None] = mapped_column(String(80))
    gone: Mapped[bool]
    unwanted_at: Mapped[datetime | None]
    """When the player wished to hear nothing, as the platform says of a text that failed for that."""
    at: Mapped[datetime]
    value: Mapped[str | None] = mapped_column(String(128))
    """What the id amounts to, where others may spell it differently; of another spelling of a known one nothing."""


class NoticeRight(Base):
    """How many notices by a template a player has agreed to get, and has not got yet."""

    __tablename__ = "notice_rights"
    __table_args__ = (CheckConstraint('"left" >= 0', name="left"),)

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    template: Mapped[str] = mapped_column(String(80), primary_key=True)
    left: Mapped[int]


class Spending(Base):
    """What an account has sent to one block of numbers within an hour (hours since 1970), and what that cost."""

    __tablename__ = "spendings"

    channel: Mapped[Word] = mapped_column(primary_key=True)
    account: Mapped[Word] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prefix: Mapped[Word] = mapped_column(primary_key=True)
    texts: Mapped[int]
    parts: Mapped[int]
    micros: Mapped[BigId]
    """Millionths of one unit of the account's currency."""
