"""The index of draws by their time becomes as cheap on PostgreSQL as those of redemptions and transfers are."""

from alembic import op

revision = "0037"
down_revision = "0034"


def upgrade() -> None:
    op.drop_index("ix_draws_at", "draws")
    op.create_index("ix_draws_at", "draws", ["at"], postgresql_using="brin", postgresql_with={"autosummarize": "on"})
