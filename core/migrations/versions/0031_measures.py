"""What days came to, and what measures count by: the channel of a player, the campaign of a text, and instants."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

_INSTANT = sa.DateTime(timezone=True)
_BY_TIME = (
    ("ix_outbox_said_at", "outbox", "said_at"),
    ("ix_consents_at", "consents", "at"),
    ("ix_transfers_at", "transfers", "at"),
    ("ix_redemptions_at", "redemptions", "at"),
    ("ix_invites_joined_at", "invites", "joined_at"),
    ("ix_torches_granted_at", "torches", "granted_at"),
    ("ix_torches_lit_at", "torches", "lit_at"),
)


def upgrade() -> None:
    op.create_table(
        "measured_days",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted_as", sa.String(80), nullable=False),
        sa.Column("counted_at", _INSTANT, nullable=False),
        sa.Column("next_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("campaign_id", "day", name=op.f("pk_measured_days")),
    )
    again = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_measured_days_next_at", "measured_days", ["next_at"], postgresql_where=again, sqlite_where=again
    )
    op.create_table(
        "daily_measures",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "day", "measure", "channel", name=op.f("pk_daily_measures")),
    )
    op.add_column("outbox", sa.Column("campaign_id", sa.Integer(), nullable=True))
    op.add_column("players", sa.Column("channel", sa.String(40), nullable=False, server_default=""))
    _fill_channels()
    for name, table, column in _BY_TIME:
        op.create_index(name, table, [column], postgresql_using="brin", postgresql_with={"autosummarize": "on"})
    dead = sa.text("state = 'dead'")
    op.create_index("ix_dispatches_dead", "dispatches", ["due_at"], postgresql_where=dead, sqlite_where=dead)


def _fill_channels() -> None:
    """Of a player who was linked to an older one, whose joins are the older one's now, it is told by the instant."""
    players = sa.table("players", *map(sa.column, ("id", "channel", "joined_at", "merged_into")))
    joins = sa.table("joins", *map(sa.column, ("address_key", "player_id", "joined_at")))
    addresses = sa.table("addresses", *map(sa.column, ("key", "channel")))
    of = sa.select(addresses.c.channel).join_from(joins, addresses, addresses.c.key == joins.c.address_key)
    first = of.order_by(joins.c.joined_at, addresses.c.key).limit(1).correlate(players)
    root = sa.func.coalesce(players.c.merged_into, players.c.id)
    same = first.where(joins.c.player_id == root, joins.c.joined_at == players.c.joined_at).scalar_subquery()
    any_of = first.where(joins.c.player_id == root).scalar_subquery()
    op.execute(sa.update(players).values(channel=sa.func.coalesce(same, any_of, "")))
