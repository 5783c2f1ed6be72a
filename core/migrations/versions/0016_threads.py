"""Where within a conversation a message was said, so that its answer goes there."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("inbox", sa.Column("thread", sa.String(40), nullable=True))
