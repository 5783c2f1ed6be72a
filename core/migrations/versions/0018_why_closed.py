"""Why an account is closed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("closed_why", sa.Text(), nullable=True))
