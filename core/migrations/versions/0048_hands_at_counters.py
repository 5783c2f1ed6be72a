"""Who handed something over at the counter is kept, and the code that was shown for it.

A code that was used before has gone: of that one nobody can say more than that it is not known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.add_column("claims", sa.Column("handed_by", sa.String(40), nullable=True))
