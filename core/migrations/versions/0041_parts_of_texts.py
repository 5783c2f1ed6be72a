"""What a short message is divided into is a part everywhere; a segment is some of the players."""

from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.alter_column("spendings", "segments", new_column_name="parts")
