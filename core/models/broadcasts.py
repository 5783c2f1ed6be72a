"""Broadcasts: what an operator says to many players once, and each of those players, whose list is frozen."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, false, text
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

    ``state``: "reserved" while it waits for the version that does best, "waiting" until its text is written, "queued"
    while that is to be delivered, and then for good, unless the platform says otherwise later: "sent", "delivered",
    "failed", "unknown", or "left_out" for a ``reason``.
    """

    __tablename__ = "broadcast_members"
    __table_args__ = (
        CheckConstraint(
            "state IN ('reserved', 'waiting', 'queued', 'sent', 'delivered', 'failed', 'unknown', 'left_out')",
            name="state",
        ),
        CheckConstraint("state <> 'left_out' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("address_key IS NOT NULL OR state = 'left_out'", name="address_key"),
        CheckConstraint("sequence IS NOT NULL OR state IN ('reserved', 'waiting', 'left_out')", name="sequence"),
        CheckConstraint("state <> 'reserved' OR arm IS NOT NULL", name="arm"),
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
            "ix_broadcast_members_reserved",
            "broadcast_id",
            "player_id",
            postgresql_where=text("state = 'reserved'"),
            sqlite_where=text("state = 'reserved'"),
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
    arm: Mapped[int | None] = mapped_column(SmallInteger)
    """In which part of the test: 0 hears nothing, 1 and on the version of that number, the last one waits for the best.

    By the seed of the test and the player, and never changed; None where there is no test."""
    version: Mapped[int] = mapped_column(server_default="0")
    """Which of the versions it hears, from 1 on; 0 where there is one text only, or it is not known yet."""
    state: Mapped[Word]
    reason: Mapped[str | None] = mapped_column(String(80))
    """Why it was left out; of one that failed or is unknown, a code."""
    sequence: Mapped[int | None]
    """Of its text within the conversation."""


class BroadcastTest(Base):
    """How a broadcast is tested: its other versions, who hears which, what is counted, and what came of it.

    ``state``: "planned" until it is confirmed; "testing" until the best version is known; "asking" when something is
    wrong and an operator has to choose; "decided" when the rest hears ``winner``.
    """

    __tablename__ = "broadcast_tests"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'testing', 'asking', 'decided')", name="state"),
        CheckConstraint("(state = 'planned') = (digest IS NULL)", name="digest"),
        CheckConstraint("state = 'planned' OR result IS NOT NULL", name="result"),
        CheckConstraint(
            "(state = 'decided') = (winner IS NOT NULL) AND (winner IS NULL) = (decided_at IS NULL)", name="winner"
        ),
    )

    broadcast_id: Mapped[BigId] = mapped_column(ForeignKey("broadcasts.id"), primary_key=True, autoincrement=False)
    seed: Mapped[bytes] = mapped_column(LargeBinary(32))
    """By which players are assigned (core/shares.py)."""
    versions: Mapped[list[Any]] = mapped_column(JSON)
    """The second version and those after it, each a name and its texts by language; the first is the broadcast's."""
    result: Mapped[Word | None]
    """What is counted, by the name of the result; None until somebody says so."""
    within_s: Mapped[int]
    """So long after its text what somebody does counts."""
    wait_s: Mapped[int]
    """So long after the broadcast begins the best version is known, at the earliest."""
    looks: Mapped[int]
    """How often it is looked at until then whether one version is far ahead."""
    rate_ppm: Mapped[int]
    """How many of a million are expected to do it, by which the size of the test is reckoned."""
    asked_each: Mapped[int | None]
    """How many shall hear each version; None for as many as earn most altogether."""
    hold_out_ppm: Mapped[int]
    """How many of a million hear nothing, so that it is seen what would have come without it."""
    shares_ppm: Mapped[list[int]] = mapped_column(JSON)
    """The parts as they were frozen: who hears nothing, and then each version; the rest waits."""
    tested: Mapped[list[int]] = mapped_column(JSON)
    """How many members were written down who are to hear each version before the best one is known."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """SHA-256 of all texts as they were frozen."""
    state: Mapped[Word]
    looked: Mapped[int]
    """How many looks there were."""
    winner: Mapped[int | None]
    """The version that the rest hears, from 1 on."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[Word | None]
    """The operator who chose; None where the figures did."""
    why: Mapped[list[str]] = mapped_column(JSON)
    """What was wrong when it asked; of a decision, whether a planned look made it."""
    figures: Mapped[list[Any]] = mapped_column(JSON)
    """What each version had come to when it was decided, or asked."""
    told_at: Mapped[datetime | None]
    """When operators were told that it was decided, or asks."""
