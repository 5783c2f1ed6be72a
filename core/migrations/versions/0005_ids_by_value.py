"""What a platform's id of a text amounts to, so that receipts match it however they spell it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("receipts", sa.Column("value", sa.String(length=128), nullable=True))
    op.create_index(
        "ix_receipts_value",
        "receipts",
        ["channel", "account", "value"],
        unique=False,
        postgresql_where=sa.text("value IS NOT NULL"),
        sqlite_where=sa.text("value IS NOT NULL"),
    )
