"""Broadcasts: what an operator says to many players once, and each of those players, whose list is frozen."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, KeyedHash, Word


class Broadcast(Base):
    """One text of an operator to the players of a segment, said once.

    ``state``: "draft" until it is confirmed; "freezing" while its members are written down; "running" from then on,
    though nothing goes before ``starts_at``; "stopped" by an operator; "done" when nothing of it waits any more.
    """

    __tablename__ = "broadcasts"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'freezing', 'running', 'stopped', 'done')", name="state"),
        CheckConstraint(
            "(state = 'draft') = (frozen_at IS NULL)"
            " AND (frozen_at IS NULL) = (starts_at IS NULL) AND (frozen_at IS NULL) = (expires_at IS NULL)",
            name="frozen_at",
        ),
        Index("uq_broadcasts_name", "name", unique=True),
    )

    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    name: Mapped[Word]
    segment: Mapped[str] = mapped_column(String(500))
    """To whom, as a campaign file writes it."""
    words: Mapped[dict[str, str]] = mapped_column(JSON)
    """What is said, by language."""
    channels: Mapped[list[str]] = mapped_column(JSON)
    """Where it goes, in the order in which a person with several addresses is reached; empty for the cheapest first."""
    hours: Mapped[str | None] = mapped_column(String(20))
    """The hours of a day in which it goes, in the player's zone, such as 10:00-20:00; None for all that are allowed."""
    edits: Mapped[int]
    """How often it was changed before it was confirmed: a plan is of one of these."""
    state: Mapped[Word]
    paused: Mapped[bool] = mapped_column(server_default=false())
    made_by: Mapped[Word]
    made_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    """When it was confirmed: whoever joined later is none of its members."""
    version: Mapped[int | None]
    """The version of the campaign by which its segment is read, the one that it was confirmed under; None before."""
    starts_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    """From when on it is news no more."""
    after_id: Mapped[BigId]
    """The last player whom it was asked of whether they are a member; the freezing goes on after that one."""
    members: Mapped[int]
    """How many members were written down."""
    incomplete: Mapped[bool] = mapped_column(server_default=false())
    """Its segment could be asked no more before all members were written down: it has those that were."""
    routes: Mapped[list[Any]] = mapped_column(JSON)
    """Channels and accounts by which it may go, each with its rank: the lowest one that reaches a person is taken."""
    ended_at: Mapped[datetime | None]
    """When it was stopped, or nothing of it waited any more."""


class BroadcastMember(Base):
    """One player to whom a broadcast speaks, at one address, and what became of it.

    ``state``: "waiting" until its text is written, "queued" while that is to be delivered, and then for good, unless
    the platform says otherwise later: "sent", "delivered", "failed", "unknown", or "left_out" for a ``reason``.
    """

    __tablename__ = "broadcast_members"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'queued', 'sent', 'delivered', 'failed', 'unknown', 'left_out')", name="state"
        ),
        CheckConstraint("state <> 'left_out' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("address_key IS NOT NULL OR state = 'left_out'", name="address_key"),
        CheckConstraint("sequence IS NOT NULL OR state IN ('waiting', 'left_out')", name="sequence"),
        Index(
            "ix_broadcast_members_waiting",
            "broadcast_id",
            "channel",
            "account",
            "player_id",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_broadcast_members_open",
            "broadcast_id",
            "player_id",
            postgresql_where=text("state IN ('queued', 'unknown', 'failed')"),
            sqlite_where=text("state IN ('queued', 'unknown', 'failed')"),
        ),
        Index(
            "ix_broadcast_members_text",
            "address_key",
            "sequence",
            postgresql_where=text("sequence IS NOT NULL"),
            sqlite_where=text("sequence IS NOT NULL"),
        ),
    )

    broadcast_id: Mapped[BigId] = mapped_column(ForeignKey("broadcasts.id"), primary_key=True, autoincrement=False)
    player_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    address_key: Mapped[KeyedHash | None]
    """The one address at which the player hears it; None for a player who has none."""
    channel: Mapped[str | None] = mapped_column(String(40))
    account: Mapped[str | None] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(server_default="0")
    """Which of its texts: there is one so far."""
    state: Mapped[Word]
    reason: Mapped[str | None] = mapped_column(String(80))
    """Why it was left out; of one that failed or is unknown, a code."""
    sequence: Mapped[int | None]
    """Of its text within the conversation."""
