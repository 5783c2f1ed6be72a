"""Broadcasts in several versions: how they are tested, in which part of the test each member is, and who waits."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"

_STATES = "state IN ('reserved', 'waiting', 'queued', 'sent', 'delivered', 'failed', 'unknown', 'left_out')"


def upgrade() -> None:
    with op.batch_alter_table("broadcast_members") as members:
        members.add_column(sa.Column("arm", sa.SmallInteger(), nullable=True))
        members.drop_constraint(op.f("ck_broadcast_members_state"), type_="check")
        members.create_check_constraint(op.f("ck_broadcast_members_state"), _STATES)
        members.drop_constraint(op.f("ck_broadcast_members_sequence"), type_="check")
        members.create_check_constraint(
            op.f("ck_broadcast_members_sequence"),
            "sequence IS NOT NULL OR state IN ('reserved', 'waiting', 'left_out')",
        )
        members.create_check_constraint(op.f("ck_broadcast_members_arm"), "state <> 'reserved' OR arm IS NOT NULL")
    reserved = sa.text("state = 'reserved'")
    op.create_index(
        "ix_broadcast_members_reserved",
        "broadcast_members",
        ["broadcast_id", "player_id"],
        postgresql_where=reserved,
        sqlite_where=reserved,
    )
    op.create_table(
        "broadcast_tests",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seed", sa.LargeBinary(32), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("result", sa.String(40), nullable=True),
        sa.Column("within_s", sa.Integer(), nullable=False),
        sa.Column("wait_s", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.Column("asked_each", sa.Integer(), nullable=True),
        sa.Column("hold_out_ppm", sa.Integer(), nullable=False),
        sa.Column("shares_ppm", sa.JSON(), nullable=False),
        sa.Column("tested", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("winner", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(40), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'testing', 'asking', 'decided')", name=op.f("ck_broadcast_tests_state")
        ),
        sa.CheckConstraint("(state = 'planned') = (digest IS NULL)", name=op.f("ck_broadcast_tests_digest")),
        sa.CheckConstraint("state = 'planned' OR result IS NOT NULL", name=op.f("ck_broadcast_tests_result")),
        sa.CheckConstraint(
            "(state = 'decided') = (winner IS NOT NULL) AND (winner IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_broadcast_tests_winner"),
        ),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_tests_broadcast_id")),
        sa.PrimaryKeyConstraint("broadcast_id", name=op.f("pk_broadcast_tests")),
    )
