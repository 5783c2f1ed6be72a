"""The kind of an inbound message is called so."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.alter_column("inbox", "manner", new_column_name="kind")
