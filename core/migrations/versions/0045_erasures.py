"""Erasing a person: who asked and when, the blank address that stays, and the record of winners that the law wants."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.add_column("addresses", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("addresses", sa.Column("begun_again_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "erasures",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'resting', 'done', 'kept')", name="ck_erasures_state"),
        sa.CheckConstraint("(settled_at IS NULL) = (state = 'waiting')", name="ck_erasures_settled"),
        sa.ForeignKeyConstraint(["address_key"], ["addresses.key"], name="fk_erasures_address_key", onupdate="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_address_key", "erasures", ["address_key"])
    due, waiting = sa.text("due_at IS NOT NULL"), sa.text("state = 'waiting'")
    op.create_index("ix_erasures_due_at", "erasures", ["due_at"], postgresql_where=due, sqlite_where=due)
    op.create_index(
        "uq_erasures_waiting", "erasures", ["address_key"], unique=True, postgresql_where=waiting, sqlite_where=waiting
    )
    op.create_table(
        "winner_records",
        sa.Column("claim_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("winner_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("won_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name="pk_winner_records"),
    )
    op.create_index("ix_winner_records_won_at", "winner_records", ["won_at"])
