"""Links to the console that were given out."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "console_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("revoked_by", sa.String(40), nullable=True),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_console_links_revoked")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_console_links_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_links")),
    )
    op.create_index("ix_console_links_campaign_id", "console_links", ["campaign_id"])
