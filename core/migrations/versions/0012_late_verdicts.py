"""Late verdicts: when a player wished to hear nothing, as a receipt says."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("receipts", sa.Column("unwanted_at", Instant(), nullable=True))
