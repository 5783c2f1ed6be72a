"""Answers to an address are counted by the hour, so that no machine keeps us talking."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("addresses", sa.Column("answers_until", Instant(), nullable=True))
    for name in ("answers", "helpless_answers"):
        op.add_column("addresses", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("inbox", sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.false()))
