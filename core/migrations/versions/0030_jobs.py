"""Jobs: verbs that last."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(16), nullable=False),
        sa.Column("operator", sa.String(40), nullable=False),
        sa.Column("verb", sa.String(80), nullable=False),
        sa.Column("given_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("worker", sa.LargeBinary(8), nullable=True),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("kept_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("file", sa.String(120), nullable=True),
        sa.Column("link_hash", sa.LargeBinary(16), nullable=True),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("begun_at", _INSTANT, nullable=True),
        sa.Column("stop_asked_at", _INSTANT, nullable=True),
        sa.Column("settled_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'refused', 'failed', 'stopped')", name=op.f("ck_jobs_state")
        ),
        sa.CheckConstraint("(state = 'running') = (worker IS NOT NULL)", name=op.f("ck_jobs_worker")),
        sa.CheckConstraint("(settled_at IS NULL) = (state IN ('queued', 'running'))", name=op.f("ck_jobs_settled")),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_jobs_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    unfinished = sa.text("state IN ('queued', 'running')")
    op.create_index("ix_jobs_unfinished", "jobs", ["id"], postgresql_where=unfinished, sqlite_where=unfinished)
    op.create_index("ix_jobs_address_key", "jobs", ["address_key", "id"])
