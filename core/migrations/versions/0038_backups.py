"""When the last backup was taken: one new column of the one row that says which installation it is."""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.add_column("installation", sa.Column("backed_up_at", Instant(), nullable=True))
