"""A name that a player chose may wait until somebody has looked at it."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("players", sa.Column("name_waiting_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("players", sa.Column("name_waiting_at", Instant(), nullable=True))
    op.add_column("players", sa.Column("name_decided_by", sa.String(40), nullable=True))
    op.add_column("players", sa.Column("name_decided_at", Instant(), nullable=True))
    waiting = sa.text("name_waiting_at IS NOT NULL")
    op.create_index(
        "ix_players_name_waiting_at", "players", ["name_waiting_at"], postgresql_where=waiting, sqlite_where=waiting
    )
