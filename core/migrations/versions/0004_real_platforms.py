"""What platforms need: manners, rights to send, consent, texts with buttons, receipts, and what sending costs."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0004"
down_revision = "0003"

_STATES = "state IN ('due', 'held', 'sending', 'unknown', 'dead', 'dropped')"


def upgrade() -> None:
    for name in ("typed_left", "tapped_left"):
        op.add_column("addresses", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name in ("typed_until", "tapped_until", "opted_out_at", "gone_at"):
        op.add_column("addresses", sa.Column(name, Instant(), nullable=True))
    op.add_column("inbox", sa.Column("manner", sa.String(length=40), nullable=False, server_default="typed"))
    op.add_column("outbox", sa.Column("rich_sealed", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("dispatches") as dispatches:
        dispatches.drop_constraint(op.f("ck_dispatches_state"), type_="check")
        dispatches.create_check_constraint(op.f("ck_dispatches_state"), _STATES)
    op.create_index(
        "ix_dispatches_held",
        "dispatches",
        ["address_key"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
        sqlite_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "consents",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("what IN ('out', 'in')", name=op.f("ck_consents_what")),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_consents_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", "external_id", name=op.f("pk_consents")),
    )
    op.create_table(
        "notice_rights",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.CheckConstraint('"left" >= 0', name=op.f("ck_notice_rights_left")),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_notice_rights_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", "template", name=op.f("pk_notice_rights")),
    )
    op.create_table(
        "receipts",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("fate", sa.String(length=40), nullable=False),
        sa.Column("error", sa.String(length=80), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("fate IN ('on_its_way', 'delivered', 'failed')", name=op.f("ck_receipts_fate")),
        sa.PrimaryKeyConstraint("channel", "account", "external_id", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_at", "receipts", ["at"], unique=False)
    op.create_table(
        "spendings",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("texts", sa.Integer(), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", "hour", "prefix", name=op.f("pk_spendings")),
    )
