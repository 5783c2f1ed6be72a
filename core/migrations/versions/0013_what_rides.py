"""What rides: held texts that went back with the answer to a message, and are found with it."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("carried_by", sa.String(length=128), nullable=True))
    op.create_index(
        "ix_outbox_carried",
        "outbox",
        ["address_key", "carried_by"],
        unique=False,
        postgresql_where=sa.text("carried_by IS NOT NULL"),
        sqlite_where=sa.text("carried_by IS NOT NULL"),
    )
