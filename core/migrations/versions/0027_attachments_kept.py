"""What came along with a message is kept with it."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("inbox", sa.Column("attachments_sealed", sa.LargeBinary(), nullable=True))
