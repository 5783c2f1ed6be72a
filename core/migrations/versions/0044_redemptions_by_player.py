"""Redemptions are found by their player: segments ask how often somebody has redeemed, and when."""

from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.create_index("ix_redemptions_player_id", "redemptions", ["player_id", "at"])
