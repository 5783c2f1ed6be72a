"""Parts of long messages that gateways tell one by one."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "message_parts",
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("reference", sa.String(80), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(128), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("said_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("address_key", "reference", "place", name=op.f("pk_message_parts")),
    )
    op.create_index("ix_message_parts_at", "message_parts", ["at"])
