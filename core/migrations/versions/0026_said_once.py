"""The day on which a player redeemed last is called so: without one, nothing was ever redeemed."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.alter_column("players", "active_on", new_column_name="redeemed_on")
