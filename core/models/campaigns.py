"""Campaigns, their frozen versions, prizes and code batches: few rows, read by every turn."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, LongText, Word


class Installation(Base):
    """One row: which keyring this database was made with, and when it was backed up."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key_check: Mapped[Word]
    backed_up_at: Mapped[datetime | None]
    """When the last backup was taken that is whole."""


class Campaign(Base):
    """A campaign and its state now. ``seed_sealed`` is committed to by ``seed_commitment`` before the first draw."""

    __tablename__ = "campaigns"
    __table_args__ = (
        Index(
            "ix_campaigns_going_on",
            "id",
            postgresql_where=text("state <> 'ended'"),
            sqlite_where=text("state <> 'ended'"),
        ),
        CheckConstraint("state IN ('live', 'paused', 'ended')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Word] = mapped_column(unique=True)
    version: Mapped[int]
    state: Mapped[Word]
    opens_at: Mapped[datetime]
    """As the newest version's rules say, like ``closes_at``: one statement drops what is over, and lists show both,
    without reading rules (an audit compares them)."""
    closes_at: Mapped[datetime]
    published_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When an operator ended it, which may be long before ``closes_at``."""
    seed_sealed: Mapped[bytes]
    seed_commitment: Mapped[str]
    """SHA-256 of the seed, in hex."""
    revealed_at: Mapped[datetime | None]


class CampaignVersion(Base):
    """The rules as published, never changed: a new rule is a new version."""

    __tablename__ = "campaign_versions"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[LongText]
    """The rules as canonical JSON."""
    rules_hash: Mapped[str]
    """SHA-256 of ``rules``, in hex."""
    published_at: Mapped[datetime]


class Heartbeat(Base):
    """The last sign of life of a process that was asked whether it is ready; it takes room, as a turn does."""

    __tablename__ = "heartbeats"

    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    padding: Mapped[bytes]
