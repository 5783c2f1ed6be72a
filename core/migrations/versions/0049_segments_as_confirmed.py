"""By which version of its campaign a broadcast's segment is read; and whether all of its members were written down."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.add_column("broadcasts", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("broadcasts", sa.Column("incomplete", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "UPDATE broadcasts SET version ="
        " (SELECT version FROM campaigns WHERE campaigns.id = broadcasts.campaign_id) WHERE state <> 'draft'"
    )
