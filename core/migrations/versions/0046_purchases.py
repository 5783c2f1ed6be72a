"""What players bought, taken in from tills, and what was given back."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.create_table(
        "purchase_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("file", sa.String(80), nullable=False),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_purchase_imports"),
    )
    op.create_index("ix_purchase_imports_campaign_id", "purchase_imports", ["campaign_id"])
    op.create_table(
        "purchases",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("ref", sa.String(80), nullable=False),
        sa.Column("player_id", sa.BigInteger(), nullable=True),
        sa.Column("buyer_key", sa.LargeBinary(16), nullable=True),
        sa.Column("buyer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(16), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount >= 0", name="ck_purchases_amount"),
        sa.CheckConstraint("refunded >= 0 AND refunded <= amount", name="ck_purchases_refunded"),
        sa.PrimaryKeyConstraint("id", name="pk_purchases"),
        sa.UniqueConstraint("campaign_id", "source", "ref", name="uq_purchases_campaign_id_source_ref"),
    )
    op.create_index("ix_purchases_player_id", "purchases", ["player_id", "at"])
    op.create_index("ix_purchases_campaign_id", "purchases", ["campaign_id", "at"])
    nobodys = sa.text("player_id IS NULL")
    op.create_index(
        "ix_purchases_buyer_key", "purchases", ["buyer_key"], postgresql_where=nobodys, sqlite_where=nobodys
    )
    op.create_table(
        "purchase_items",
        sa.Column("purchase_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.String(80), nullable=False),
        sa.Column("sku", sa.String(40), nullable=True),
        sa.Column("name", sa.String(80), nullable=True),
        sa.Column("milli", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("milli > 0", name="ck_purchase_items_milli"),
        sa.PrimaryKeyConstraint("purchase_id", "place", name="pk_purchase_items"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "refunds",
        sa.Column("purchase_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_refunds_amount"),
        sa.ForeignKeyConstraint(["purchase_id"], ["purchases.id"], name="fk_refunds_purchase_id"),
        sa.PrimaryKeyConstraint("purchase_id", "number", name="pk_refunds"),
    )
