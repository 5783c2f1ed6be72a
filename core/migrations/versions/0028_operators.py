"""Operators by address, what they plan, and the log of what they said."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_ROLES = "role IN ('owner', 'operator', 'support', 'auditor', 'dealer')"
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "operators",
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("added_by", sa.String(40), nullable=False),
        sa.Column("used_at", _INSTANT, nullable=False),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.Column("rest_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(_ROLES, name=op.f("ck_operators_role")),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_operators_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", name=op.f("pk_operators")),
    )
    op.create_table(
        "operator_invitations",
        sa.Column("word_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("taken_at", _INSTANT, nullable=True),
        sa.Column("taken_key", sa.LargeBinary(16), nullable=True),
        sa.CheckConstraint(_ROLES, name=op.f("ck_operator_invitations_role")),
        sa.PrimaryKeyConstraint("word_hash", name=op.f("pk_operator_invitations")),
    )
    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("word", sa.String(8), nullable=False),
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("verb", sa.String(80), nullable=False),
        sa.Column("given_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("needs", sa.String(40), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("ready_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.Column("settled_by", sa.String(40), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'done', 'dropped')", name=op.f("ck_plans_state")),
        sa.CheckConstraint("needs IN ('self', 'second', 'later')", name=op.f("ck_plans_needs")),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_plans_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_plans_word", "plans", ["word"], unique=True, postgresql_where=waiting, sqlite_where=waiting)
    op.create_table(
        "operator_log",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("operator", sa.String(40), nullable=True),
        sa.Column("role", sa.String(40), nullable=True),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("address_key", sa.LargeBinary(16), nullable=True),
        sa.Column("external_id", sa.String(128), nullable=True),
        sa.Column("verb", sa.String(80), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words_mac", sa.LargeBinary(16), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("changes_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("changes_mac", sa.LargeBinary(16), nullable=True),
        sa.Column("ending", sa.String(40), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.CheckConstraint(
            "ending IN ('done', 'planned', 'refused', 'denied', 'stranger')", name=op.f("ck_operator_log_ending")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_operator_log")),
        sa.UniqueConstraint("address_key", "external_id", name=op.f("uq_operator_log_address_key_external_id")),
    )
    op.create_index("ix_operator_log_at", "operator_log", ["at"])
    op.create_table(
        "operator_log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_operator_log_head_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_log_head")),
    )
