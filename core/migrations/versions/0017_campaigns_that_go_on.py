"""The campaigns that have not ended, for turns, which read no other."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index(
        "ix_campaigns_going_on",
        "campaigns",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state <> 'ended'"),
        sqlite_where=sa.text("state <> 'ended'"),
    )
