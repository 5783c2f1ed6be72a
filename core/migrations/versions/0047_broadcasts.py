"""Broadcasts and their members, and which texts that are to be delivered are of one."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"

_INSTANT = sa.DateTime(timezone=True)


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "broadcast_members", columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def upgrade() -> None:
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("segment", sa.String(500), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("hours", sa.String(20), nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("frozen_at", _INSTANT, nullable=True),
        sa.Column("starts_at", _INSTANT, nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.Column("after_id", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("routes", sa.JSON(), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'freezing', 'running', 'stopped', 'done')", name=op.f("ck_broadcasts_state")
        ),
        sa.CheckConstraint(
            "(state = 'draft') = (frozen_at IS NULL)"
            " AND (frozen_at IS NULL) = (starts_at IS NULL) AND (frozen_at IS NULL) = (expires_at IS NULL)",
            name=op.f("ck_broadcasts_frozen_at"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_broadcasts_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index("uq_broadcasts_name", "broadcasts", ["name"], unique=True)
    op.create_index("ix_broadcasts_campaign_id", "broadcasts", ["campaign_id"])
    op.create_table(
        "broadcast_members",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address_key", sa.LargeBinary(16), nullable=True),
        sa.Column("channel", sa.String(40), nullable=True),
        sa.Column("account", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(80), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'queued', 'sent', 'delivered', 'failed', 'unknown', 'left_out')",
            name=op.f("ck_broadcast_members_state"),
        ),
        sa.CheckConstraint("state <> 'left_out' OR reason IS NOT NULL", name=op.f("ck_broadcast_members_reason")),
        sa.CheckConstraint(
            "address_key IS NOT NULL OR state = 'left_out'", name=op.f("ck_broadcast_members_address_key")
        ),
        sa.CheckConstraint(
            "sequence IS NOT NULL OR state IN ('waiting', 'left_out')", name=op.f("ck_broadcast_members_sequence")
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_members_broadcast_id")),
        sa.PrimaryKeyConstraint("broadcast_id", "player_id", name=op.f("pk_broadcast_members")),
    )
    _index("ix_broadcast_members_waiting", ["broadcast_id", "channel", "account", "player_id"], "state = 'waiting'")
    _index("ix_broadcast_members_open", ["broadcast_id", "player_id"], "state IN ('queued', 'unknown', 'failed')")
    _index("ix_broadcast_members_text", ["address_key", "sequence"], "sequence IS NOT NULL")
    op.add_column("dispatches", sa.Column("broadcast_id", sa.BigInteger(), nullable=True))
    op.add_column("dispatches", sa.Column("capped", sa.Boolean(), server_default=sa.false(), nullable=False))
