"""What was guessed is said: the day of the last redemption by its name, and of each text the category.

Texts of before have theirs by their refs, as it was guessed until now; those that are still to be sent as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_CATEGORIES = (
    ("notice:replay:%", 0),
    ("notice:follow-up:%", 4),
    ("notice:announce:%", 4),
    ("notice:claim:%:remind-%", 2),
    ("notice:torch:%:%:remind-%", 3),
    ("notice:torch:%:%:relight", 3),
)
"""How refs look, as LIKE spells it, and the numbers of what is said under them; answers are 0, other notices 1."""


def upgrade() -> None:
    op.alter_column("players", "active_on", new_column_name="redeemed_on")
    op.add_column("outbox", sa.Column("category", sa.Integer(), nullable=False, server_default="0"))
    named = ("address_key", "sequence", "ref", "category")
    outbox, waits = (sa.table(table, *map(sa.column, named)) for table in ("outbox", "dispatches"))
    meant = sa.case(*((outbox.c.ref.like(like), category) for like, category in _CATEGORIES), else_=1)
    op.execute(sa.update(outbox).where(~outbox.c.ref.like("re:%")).values(category=meant))
    same = (waits.c.address_key == outbox.c.address_key) & (waits.c.sequence == outbox.c.sequence)
    sent_as = sa.select(waits.c.category).where(same).correlate(outbox).scalar_subquery()
    waiting = sa.exists().select_from(waits).where(same).correlate(outbox)
    op.execute(sa.update(outbox).where(waiting).values(category=sent_as))
