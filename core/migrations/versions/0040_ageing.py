"""Old rows go: how far they went, and what finds them by their age.

The index of what was said by its time becomes a tree: a summary of each stretch of a table finds a day only while rows
are appended, and from now on new rows take the room of old ones.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.create_table(
        "ageings",
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=False),
        sa.Column("reached", sa.DateTime(timezone=True), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("what", name="pk_ageings"),
    )
    if op.get_bind().dialect.name == "postgresql":  # elsewhere it is a tree already
        op.drop_index("ix_outbox_said_at", "outbox")
        op.create_index("ix_outbox_said_at", "outbox", ["said_at"])
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    settled = sa.text("settled_at IS NOT NULL")
    op.create_index("ix_timers_settled_at", "timers", ["settled_at"], postgresql_where=settled, sqlite_where=settled)
