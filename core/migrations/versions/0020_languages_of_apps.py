"""The language of a player's app, which counts until they have one of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("addresses", sa.Column("app_language", sa.String(), nullable=True))
