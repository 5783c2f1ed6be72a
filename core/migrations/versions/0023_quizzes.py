"""What players of a quiz were asked, and answered."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "quiz_answers",
        sa.Column("player_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=True),
        sa.Column("is_right", sa.Boolean(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(choice IS NULL) = (is_right IS NULL) AND (choice IS NULL) = (took_ms IS NULL)",
            name=op.f("ck_quiz_answers_answer"),
        ),
        sa.PrimaryKeyConstraint("player_id", "campaign_id", "question", name=op.f("pk_quiz_answers")),
    )
