"""A question that waits belongs to an address: what waited at a player goes to the one that was heard last.

Of two campaigns that ask at one address the one that was spoken of there last goes on, else the newest; the other
question is over. Numbers go on where the player's were, so what was shown before names the question that waits, or
none. A question about a delivery or a gift says as of what it was asked.
"""

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

_NUMBERS = 2**24

_addresses = sa.table(
    "addresses",
    sa.column("key"),
    sa.column("campaign_id"),
    sa.column("heard_at"),
    sa.column("question"),
    sa.column("question_campaign_id"),
    sa.column("question_until"),
    sa.column("question_again"),
    sa.column("question_number"),
)
_players = sa.table(
    "players",
    sa.column("id"),
    sa.column("campaign_id"),
    sa.column("merged_into"),
    sa.column("question"),
    sa.column("question_until"),
    sa.column("question_again"),
    sa.column("question_count"),
)
_joins = sa.table("joins", sa.column("address_key"), sa.column("player_id"))
_claims = sa.table(
    "claims",
    sa.column("id"),
    sa.column("player_id"),
    sa.column("source"),
    sa.column("item"),
    sa.column("state"),
    sa.column("details_sealed"),
)

_number = (_players.c.id + _players.c.question_count) % _NUMBERS
_here = sa.case((_players.c.campaign_id == _addresses.c.campaign_id, 1), else_=0)
"""1 for a question of the campaign that was spoken of at the address last."""


def upgrade() -> None:
    for column in (
        sa.Column("question", sa.String(120), nullable=True),
        sa.Column("question_campaign_id", sa.Integer(), nullable=True),
        sa.Column("question_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("question_again", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("question_number", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("addresses", column)
    _go_on_counting()
    _move()
    for name in ("question", "question_until", "question_again", "question_count"):
        op.drop_column("players", name)


def _go_on_counting() -> None:
    """The greatest number of what was asked at each address, so that none of these comes again."""
    players = _joins.join(_players, _players.c.id == _joins.c.player_id)
    mine, asked = _joins.c.address_key == _addresses.c.key, _players.c.question_count > 0
    last = sa.select(sa.func.max(_number)).select_from(players).where(mine, asked).correlate(_addresses)
    somebody = sa.exists().select_from(players).where(mine, asked).correlate(_addresses)
    op.execute(sa.update(_addresses).where(somebody).values(question_number=last.scalar_subquery()))


def _move() -> None:
    """Players' questions, each to one address; of several there the best one."""
    connection = op.get_bind()
    waiting = (
        sa.select(
            _players.c.id,
            _players.c.campaign_id,
            _players.c.question,
            _players.c.question_until,
            _players.c.question_again,
            _number.label("number"),
            _addresses.c.key,
            _here.label("here"),
        )
        .select_from(
            _players.join(_joins, _joins.c.player_id == _players.c.id).join(
                _addresses, _addresses.c.key == _joins.c.address_key
            )
        )
        .where(_players.c.question.is_not(None), _players.c.question_until.is_not(None))
        .order_by(_players.c.id, _addresses.c.heard_at.desc(), _addresses.c.key)
    )
    best: dict[bytes, Any] = {}
    last = None
    for row in connection.execute(waiting):
        if row.id == last:
            continue  # it has gone to the address that was heard last
        last, known = row.id, best.get(row.key)
        if known is None or _better(row, known):
            best[row.key] = row
    found = [
        {
            "at": key,
            "question": _as_asked(connection, row),
            "question_campaign_id": row.campaign_id,
            "question_until": row.question_until,
            "question_again": row.question_again,
            "question_number": row.number,
        }
        for key, row in best.items()
    ]
    if found:
        names = [name for name in found[0] if name != "at"]
        change = sa.update(_addresses).where(_addresses.c.key == sa.bindparam("at"))
        connection.execute(change.values({name: sa.bindparam(name) for name in names}), found)


def _better(one: Any, other: Any) -> bool:
    return bool((one.here, one.question_until) > (other.here, other.question_until))


def _as_asked(connection: sa.Connection, row: Any) -> str:
    """What the question is about, and what else it says today: as of which details, or of how many pieces."""
    prompt, _, about = row.question.partition(" ")
    if prompt.startswith("delivery.") and about.isdecimal():
        sealed = connection.scalar(sa.select(_claims.c.details_sealed).where(_claims.c.id == int(about)))
        return f"{row.question} {hashlib.sha256(sealed or b'').hexdigest()[:16]}"
    if prompt == "gifts.confirm":
        mine = sa.select(_players.c.id).where(sa.or_(_players.c.id == row.id, _players.c.merged_into == row.id))
        taken = sa.select(sa.func.count()).where(
            _claims.c.player_id.in_(mine),
            _claims.c.source == "gift",
            _claims.c.item == about.partition(" ")[0],
            _claims.c.state.not_in(("lapsed", "cancelled")),
        )
        return f"{row.question} {connection.scalar(taken)}"
    return str(row.question)
