"""Files of jobs: how long they stay and when they were fetched; a batch whose file is not whole is never active."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("file_until", _INSTANT, nullable=True))
        jobs.add_column(sa.Column("link_taken_at", _INSTANT, nullable=True))
    op.execute("UPDATE jobs SET file = NULL")
    with op.batch_alter_table("jobs") as jobs:
        jobs.create_check_constraint(op.f("ck_jobs_file_until"), "(file IS NULL) = (file_until IS NULL)")
    op.execute("UPDATE batches SET file_sha256 = 'unknown' WHERE activated_at IS NOT NULL AND file_sha256 = ''")
    with op.batch_alter_table("batches") as batches:
        batches.create_check_constraint(op.f("ck_batches_file_sha256"), "activated_at IS NULL OR file_sha256 <> ''")
