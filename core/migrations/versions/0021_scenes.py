"""What scenes of QR codes bring, and by which of them an address came."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "scene_days",
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("scene", sa.String(64), nullable=False),
        sa.Column("followed", sa.Integer(), nullable=False),
        sa.Column("scanned", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "account", "day", "scene", name=op.f("pk_scene_days")),
    )
    op.add_column("addresses", sa.Column("came_by", sa.String(64), nullable=True))
