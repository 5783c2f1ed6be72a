"""Questions have numbers, and a message says under which of them it was tapped."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("players", sa.Column("question_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("inbox", sa.Column("question", sa.Integer(), nullable=True))
