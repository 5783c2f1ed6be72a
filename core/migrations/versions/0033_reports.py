"""Reports that operators asked for, and the days that were told of."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("minute", sa.Integer(), nullable=False),
        sa.Column("asked_at", _INSTANT, nullable=False),
        sa.CheckConstraint("minute BETWEEN 0 AND 1439", name=op.f("ck_reports_minute")),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_reports_address_key"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_reports_campaign_id")),
        sa.PrimaryKeyConstraint("address_key", "campaign_id", name=op.f("pk_reports")),
    )
    op.create_table(
        "report_days",
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("told_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_report_days_address_key"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_report_days_campaign_id")),
        sa.PrimaryKeyConstraint("address_key", "campaign_id", "day", name=op.f("pk_report_days")),
    )
