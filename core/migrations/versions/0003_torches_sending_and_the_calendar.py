"""Torches, their boards, what is to be delivered, and the calendar."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("booked_until", Instant(), nullable=False),
        sa.Column("closed_until", Instant(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", name=op.f("pk_accounts")),
    )
    op.create_table(
        "calendar_runs",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("scheduled_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("planted", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('planting', 'done', 'missed')", name=op.f("ck_calendar_runs_state")),
        sa.PrimaryKeyConstraint("campaign_id", "job", "scheduled_at", name=op.f("pk_calendar_runs")),
    )
    op.create_index(
        "ix_calendar_runs_planting",
        "calendar_runs",
        ["scheduled_at"],
        unique=False,
        postgresql_where=sa.text("state = 'planting'"),
        sqlite_where=sa.text("state = 'planting'"),
    )

    op.create_table(
        "chains",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("torches", sa.Integer(), nullable=False),
        sa.Column("lit", sa.Integer(), nullable=False),
        sa.Column("legs", sa.Integer(), nullable=False),
        sa.Column("reached_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chains")),
    )
    by_legs, by_lit = ["campaign_id", "legs", "reached_at", "id"], ["campaign_id", "lit", "id"]
    op.create_index("ix_chains_legs", "chains", by_legs, unique=False)
    op.create_index("ix_chains_lit", "chains", by_lit, unique=False)

    op.create_table(
        "quota_days",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_quota_days_taken")),
        sa.PrimaryKeyConstraint("campaign_id", "day", name=op.f("pk_quota_days")),
    )
    op.create_table(
        "relay_news",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("what IN ('granted', 'lit', 'out')", name=op.f("ck_relay_news_what")),
        sa.CheckConstraint("amount IN (1, -1)", name=op.f("ck_relay_news_amount")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay_news")),
    )
    op.create_table(
        "runner_days",
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("player_id", "day", name=op.f("pk_runner_days")),
    )
    by_passed = ["campaign_id", "day", "passed", "player_id"]
    op.create_index("ix_runner_days_passed", "runner_days", by_passed, unique=False)

    op.create_table(
        "runners",
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("player_id", name=op.f("pk_runners")),
    )
    op.create_index("ix_runners_passed", "runners", ["campaign_id", "passed"], unique=False)

    op.create_table(
        "tallies",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "what", "level", "node", name=op.f("pk_tallies")),
    )
    op.create_table(
        "torches",
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_number", sa.Integer(), nullable=True),
        sa.Column("granted_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("lit_at", Instant(), nullable=True),
        sa.Column("lit_by", sa.BigInteger(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("perk", sa.String(length=40), nullable=True),
        sa.Column("perk_hash", sa.LargeBinary(length=16), nullable=True),
        sa.CheckConstraint(
            "(state = 'lit') = (lit_at IS NOT NULL AND lit_by IS NOT NULL)", name=op.f("ck_torches_lit")
        ),
        sa.CheckConstraint("how IN ('invited', 'code', 'quota', 'relit')", name=op.f("ck_torches_how")),
        sa.CheckConstraint("perk IS NULL OR (state = 'lit' AND perk_hash IS NOT NULL)", name=op.f("ck_torches_perk")),
        sa.CheckConstraint("state IN ('unlit', 'lit', 'out')", name=op.f("ck_torches_state")),
        sa.CheckConstraint("(leg = 1) = (parent_id IS NULL)", name=op.f("ck_torches_parent")),
        sa.CheckConstraint("granted_at < ends_at", name=op.f("ck_torches_window")),
        sa.CheckConstraint(
            "lit_at IS NULL OR (lit_at >= granted_at AND lit_at < ends_at)", name=op.f("ck_torches_in_time")
        ),
        sa.CheckConstraint("number >= 1 AND leg >= 1", name=op.f("ck_torches_counts")),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> player_id", name=op.f("ck_torches_not_oneself")),
        sa.PrimaryKeyConstraint("player_id", "number", name=op.f("pk_torches")),
    )
    op.create_index("ix_torches_chain_id", "torches", ["chain_id", "leg"], unique=False)
    op.create_index(
        "ix_torches_parent_id",
        "torches",
        ["parent_id"],
        unique=False,
        postgresql_where=sa.text("parent_id IS NOT NULL"),
        sqlite_where=sa.text("parent_id IS NOT NULL"),
    )
    op.create_index(
        "ix_torches_perk_hash",
        "torches",
        ["perk_hash"],
        unique=False,
        postgresql_where=sa.text("perk_hash IS NOT NULL"),
        sqlite_where=sa.text("perk_hash IS NOT NULL"),
    )
    op.create_index(
        "uq_torches_live",
        "torches",
        ["player_id"],
        unique=True,
        postgresql_where=sa.text("state = 'unlit'"),
        sqlite_where=sa.text("state = 'unlit'"),
    )

    op.create_table(
        "dispatches",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(length=160), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("duty", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('due', 'sending', 'unknown', 'dead')", name=op.f("ck_dispatches_state")),
        sa.CheckConstraint("duty IN (0, 1, 2)", name=op.f("ck_dispatches_duty")),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_dispatches_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", "sequence", name=op.f("pk_dispatches")),
    )
    op.create_index(
        "ix_dispatches_due",
        "dispatches",
        ["channel", "account", "duty", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'due'"),
        sqlite_where=sa.text("state = 'due'"),
    )
    op.create_index(
        "ix_dispatches_sending",
        "dispatches",
        ["taken_at"],
        unique=False,
        postgresql_where=sa.text("state = 'sending'"),
        sqlite_where=sa.text("state = 'sending'"),
    )

    op.add_column("addresses", sa.Column("scanned", sa.String(length=12), nullable=True))

    op.add_column("timers", sa.Column("since", Instant(), nullable=True))
    op.add_column("players", sa.Column("name_sealed", sa.LargeBinary(), nullable=True))
    # What was queued before there was a sender is delivered by it now.
    op.execute(
        "INSERT INTO dispatches (address_key, sequence, ref, part, channel, account, duty, state, due_at, tries)"
        " SELECT o.address_key, o.sequence, o.ref, o.part, a.channel, a.account, 1, 'due', o.said_at, 0"
        " FROM outbox o JOIN addresses a ON a.key = o.address_key WHERE o.state = 'queued'"
    )
