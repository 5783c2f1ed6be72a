"""The words that an address was asked about: whether it means them."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.add_column("addresses", sa.Column("offered", sa.String(80), nullable=True))
