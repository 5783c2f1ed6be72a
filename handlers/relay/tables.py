"""The torch relay: torches and who handed them on, the day's quota, and the counts that boards are read from."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import BY_TIME, Base, BigId, KeyedHash, Word


class Torch(Base):
    """One torch of one player: unlit in its window, lit by the first friend who joined within it, else out.

    A player's torches are numbered; each after the first is a relit one, with the place in the chain of the first.
    A chain is known by the player who began it.
    """

    __tablename__ = "torches"
    __table_args__ = (
        CheckConstraint("state IN ('unlit', 'lit', 'out')", name="state"),
        CheckConstraint("how IN ('invited', 'code', 'quota', 'relit')", name="how"),
        CheckConstraint("number >= 1 AND leg >= 1", name="counts"),
        CheckConstraint("granted_at < ends_at", name="window"),
        CheckConstraint("(state = 'lit') = (lit_at IS NOT NULL AND lit_by IS NOT NULL)", name="lit"),
        CheckConstraint("lit_at IS NULL OR (lit_at >= granted_at AND lit_at < ends_at)", name="in_time"),
        CheckConstraint("(leg = 1) = (parent_id IS NULL)", name="parent"),
        CheckConstraint("perk IS NULL OR (state = 'lit' AND perk_hash IS NOT NULL)", name="perk"),
        CheckConstraint("parent_id IS NULL OR parent_id <> player_id", name="not_oneself"),
        Index(
            "uq_torches_live",
            "player_id",
            unique=True,
            postgresql_where=text("state = 'unlit'"),
            sqlite_where=text("state = 'unlit'"),
        ),
        Index("ix_torches_chain_id", "chain_id", "leg"),
        Index("ix_torches_granted_at", "granted_at", **BY_TIME),
        Index("ix_torches_lit_at", "lit_at", **BY_TIME),
        Index(
            "ix_torches_parent_id",
            "parent_id",
            postgresql_where=text("parent_id IS NOT NULL"),
            sqlite_where=text("parent_id IS NOT NULL"),
        ),
        Index(
            "ix_torches_perk_hash",
            "perk_hash",
            postgresql_where=text("perk_hash IS NOT NULL"),
            sqlite_where=text("perk_hash IS NOT NULL"),
        ),
    )

    player_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    how: Mapped[Word]
    chain_id: Mapped[BigId]
    """The player who began the chain."""
    leg: Mapped[int]
    """1 for whoever began the chain."""
    parent_id: Mapped[BigId | None]
    """The player who handed the torch on."""
    parent_number: Mapped[int | None]
    """Which of that player's torches it came from."""
    granted_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[Word]
    lit_at: Mapped[datetime | None]
    """When the message of the first friend who joined in time was received."""
    lit_by: Mapped[BigId | None]
    """That friend."""
    settled_at: Mapped[datetime | None]
    """When it went out by the clock."""
    perk: Mapped[Word | None]
    """What its player may use because it was lit."""
    perk_hash: Mapped[KeyedHash | None]
    """By which staff find it from the code that the player shows."""


class QuotaDay(Base):
    """How many torches of a campaign day's quota were given out."""

    __tablename__ = "quota_days"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken"),)

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    taken: Mapped[int]


class RelayNews(Base):
    """Something that happened to a torch and is not in the boards yet: written by its turn, eaten by the roll-up.

    ``what``: "granted", "lit" or "out";
    ``amount`` is -1 for what is taken back.
    """

    __tablename__ = "relay_news"
    __table_args__ = (
        CheckConstraint("what IN ('granted', 'lit', 'out')", name="what"),
        CheckConstraint("amount IN (1, -1)", name="amount"),
    )

    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    what: Mapped[Word]
    amount: Mapped[int]
    chain_id: Mapped[BigId]
    leg: Mapped[int]
    first: Mapped[bool]
    """True for a player's first torch, False for a relit one."""
    parent_id: Mapped[BigId | None]
    """Who handed the torch on."""
    day: Mapped[date]
    """The campaign's day on which it happened."""
    seconds: Mapped[int | None]
    """How long a torch that was lit had burnt unlit, whole seconds."""
    at: Mapped[datetime]


class Chain(Base):
    """What one chain has come to, for the boards."""

    __tablename__ = "chains"
    __table_args__ = (
        # With the order among equals, which the heads of the boards are read by.
        Index("ix_chains_legs", "campaign_id", "legs", "reached_at", "id"),
        Index("ix_chains_lit", "campaign_id", "lit", "id"),
    )

    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    """The player who began it."""
    campaign_id: Mapped[int]
    torches: Mapped[int]
    """Players who hold one; relit torches are not counted again."""
    lit: Mapped[int]
    legs: Mapped[int]
    """The deepest leg."""
    reached_at: Mapped[datetime]
    """When the deepest leg was reached."""


class Runner(Base):
    """How many friends took a torch from one player, for the boards."""

    __tablename__ = "runners"
    __table_args__ = (Index("ix_runners_passed", "campaign_id", "passed"),)

    player_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    passed: Mapped[int]


class RunnerDay(Base):
    """How many friends took a torch from one player on one campaign day, for the board of the day."""

    __tablename__ = "runner_days"
    __table_args__ = (Index("ix_runner_days_passed", "campaign_id", "day", "passed", "player_id"),)

    player_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    campaign_id: Mapped[int]
    passed: Mapped[int]


class Tally(Base):
    """How many things of a kind have a value: a node of a tree of counts, so that a place is found in O(log n).

    ``level`` 0 counts exact values; a node of a level above counts 16 of the one below.
    """

    __tablename__ = "tallies"

    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[Word] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    node: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[BigId]
