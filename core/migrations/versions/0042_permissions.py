"""What people let us do, kind by kind; and links by which they fetch what is kept about them."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.create_table(
        "permissions",
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("external_id", sa.String(128), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('personalised', 'questions')", name="ck_permissions_kind"),
        sa.CheckConstraint("what IN ('given', 'withdrawn')", name="ck_permissions_what"),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name="fk_permissions_address_key", onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", "external_id", name="pk_permissions"),
    )
    op.create_table(
        "data_links",
        sa.Column("link_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(40), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name="fk_data_links_address_key", onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("link_hash", name="pk_data_links"),
    )
    op.create_index("ix_data_links_address_key", "data_links", ["address_key"])
