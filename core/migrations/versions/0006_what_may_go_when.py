"""What a text that waits is, of which campaign, and until when; what marketing went; stopped announcements."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0006"
down_revision = "0005"

_RUNS = "state IN ('planting', 'done', 'stopped', 'missed')"
_ANNOUNCEMENT = (
    "(job IS NULL AND scheduled_at IS NULL)"
    " OR (category = 4 AND job IS NOT NULL AND scheduled_at IS NOT NULL AND campaign_id IS NOT NULL)"
)
_RIGHTS = "by_right IN ('typed', 'tapped', 'consent', 'template')"
_STALE = timedelta(days=7)
_AT_ONCE = 500

# What was said, by the ref of its text: category, whether the number in it is a claim's, else it is a player's.
_SAID = (
    (re.compile(r"notice:claim:(\d+):remind-\d+"), 2, True),
    (re.compile(r"notice:torch:(\d+):\d+:(?:remind-\d+|relight)"), 3, False),
    (re.compile(r"notice:(?:follow-up|announce):(\d+):.*"), 4, False),
    (re.compile(r"notice:claim:(\d+):.*"), 1, True),
    (re.compile(r"notice:torch:(\d+):.*"), 1, False),
)

_DISPATCHES = sa.table(
    "dispatches",
    sa.column("address_key", sa.LargeBinary),
    sa.column("sequence", sa.Integer),
    sa.column("ref", sa.String),
    sa.column("category", sa.Integer),
    sa.column("campaign_id", sa.Integer),
    sa.column("job", sa.String),
    sa.column("scheduled_at", Instant()),
    sa.column("due_at", Instant()),
    sa.column("expires_at", Instant()),
)
_PLAYERS = sa.table("players", sa.column("id", sa.BigInteger), sa.column("campaign_id", sa.Integer))
_CLAIMS = sa.table("claims", sa.column("id", sa.BigInteger), sa.column("campaign_id", sa.Integer))
_TIMERS = sa.table(
    "timers",
    sa.column("owner_id", sa.BigInteger),
    sa.column("kind", sa.String),
    sa.column("subject", sa.String),
    sa.column("occurrence", sa.Integer),
    sa.column("since", Instant()),
)


def upgrade() -> None:
    op.drop_index("ix_dispatches_due", "dispatches")
    with op.batch_alter_table("dispatches") as dispatches:
        dispatches.drop_constraint(op.f("ck_dispatches_duty"), type_="check")
        dispatches.alter_column("duty", new_column_name="category", existing_type=sa.Integer(), existing_nullable=False)
        dispatches.add_column(sa.Column("campaign_id", sa.Integer(), nullable=True))
        dispatches.add_column(sa.Column("job", sa.String(length=40), nullable=True))
        dispatches.add_column(sa.Column("scheduled_at", Instant(), nullable=True))
        dispatches.add_column(sa.Column("expires_at", Instant(), nullable=True))
        dispatches.add_column(sa.Column("by_right", sa.String(length=40), nullable=True))
    _fill(op.get_bind())
    with op.batch_alter_table("dispatches") as dispatches:
        dispatches.create_check_constraint(op.f("ck_dispatches_category"), "category BETWEEN 0 AND 4")
        dispatches.create_check_constraint(op.f("ck_dispatches_expires_at"), "category < 2 OR expires_at IS NOT NULL")
        dispatches.create_check_constraint(op.f("ck_dispatches_announcement"), _ANNOUNCEMENT)
        dispatches.create_check_constraint(op.f("ck_dispatches_by_right"), _RIGHTS)
    for name, columns, where in (
        ("due", ["channel", "account", "category", "due_at"], "state = 'due'"),
        ("announcement", ["campaign_id", "job", "scheduled_at"], "job IS NOT NULL"),
    ):
        condition = sa.text(where)
        op.create_index(
            f"ix_dispatches_{name}",
            "dispatches",
            columns,
            unique=False,
            postgresql_where=condition,
            sqlite_where=condition,
        )
    with op.batch_alter_table("calendar_runs") as runs:
        runs.drop_constraint(op.f("ck_calendar_runs_state"), type_="check")
        runs.create_check_constraint(op.f("ck_calendar_runs_state"), _RUNS)
    op.create_table(
        "touches",
        sa.Column("address_key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("job", sa.String(length=40), nullable=True),
        sa.Column("scheduled_at", Instant(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("said_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["address_key"], ["addresses.key"], name=op.f("fk_touches_address_key"), onupdate="CASCADE"
        ),
        sa.PrimaryKeyConstraint("address_key", "sequence", name=op.f("pk_touches")),
    )


def _fill(connection: sa.Connection) -> None:
    """Give every row that waits its category, campaign and end, as its ref says what it is."""
    connection.execute(sa.update(_DISPATCHES).where(_DISPATCHES.c.category == 2).values(category=4))  # noqa: PLR2004  # the old number of marketing
    for rows in _chunks(connection):
        connection.execute(
            sa.update(_DISPATCHES)
            .where(
                _DISPATCHES.c.address_key == sa.bindparam("of_address"),
                _DISPATCHES.c.sequence == sa.bindparam("of_text"),
            )
            .values({name: sa.bindparam(name) for name in ("category", "campaign_id", "job", "scheduled_at")})
            .values(expires_at=sa.bindparam("until", type_=Instant())),
            rows,
        )


def _chunks(connection: sa.Connection) -> Iterator[list[dict[str, object]]]:
    table = _DISPATCHES
    found = connection.execute(
        sa.select(table.c.address_key, table.c.sequence, table.c.ref, table.c.category, table.c.due_at)
    ).all()
    for begin in range(0, len(found), _AT_ONCE):
        said = [(row, _meaning(row.ref)) for row in found[begin : begin + _AT_ONCE]]
        players = _campaigns(connection, _PLAYERS, {number for _, (_, number, claims) in said if not claims})
        claims = _campaigns(connection, _CLAIMS, {number for _, (_, number, claims) in said if claims})
        rows = []
        for row, (category, number, of_claim) in said:
            category = row.category if category is None else category  # noqa: PLW2901
            job, since = _announced(connection, row.ref)
            campaign_id = (claims if of_claim else players).get(number)
            if campaign_id is None:
                job = since = None
            rows.append(
                {
                    "of_address": row.address_key,
                    "of_text": row.sequence,
                    "category": category,
                    "campaign_id": campaign_id,
                    "job": job,
                    "scheduled_at": since,
                    "until": row.due_at + _STALE if category > 1 else None,
                }
            )
        yield rows


def _meaning(ref: str) -> tuple[int | None, int, bool]:
    for pattern, category, of_claim in _SAID:
        if match := pattern.fullmatch(ref):
            return category, int(match[1]), of_claim
    return None, 0, False


def _campaigns(connection: sa.Connection, table: sa.TableClause, ids: Iterable[int]) -> dict[int, int]:
    statement = sa.select(table.c.id, table.c.campaign_id).where(table.c.id.in_(sorted(ids)))
    return {row[0]: row[1] for row in connection.execute(statement)}


def _announced(connection: sa.Connection, ref: str) -> tuple[str | None, object]:
    """The job and the occurrence of an announcement, by its timer."""
    if not ref.startswith("notice:announce:"):
        return None, None
    _, _, owner_id, job, occurrence = ref.split(":")
    timer = _TIMERS.c
    since = connection.scalar(
        sa.select(timer.since).where(
            timer.owner_id == int(owner_id),
            timer.kind == "announce",
            timer.subject == job,
            timer.occurrence == int(occurrence),
        )
    )
    return (job, since) if since is not None else (None, None)
