"""When an operator ended a campaign: its players are told that day, not the one that was planned."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    # Nobody wrote down when these ended: today at the latest, and before the day that was planned.
    op.execute(
        "UPDATE campaigns SET ended_at = CURRENT_TIMESTAMP WHERE state = 'ended' AND closes_at > CURRENT_TIMESTAMP"
    )
