"""Who may play nothing: since when, by which operator, why, and whether they were told so."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column("addresses", sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("addresses", sa.Column("blocked_by", sa.String(40), nullable=True))
    op.add_column("addresses", sa.Column("blocked_why_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("addresses", sa.Column("block_told", sa.Boolean(), nullable=False, server_default=sa.false()))
