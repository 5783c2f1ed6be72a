"""Millions of old messages go while people redeem codes: p99 of a redemption, to p99 of the quiet windows between.

A clock in a process of its own lets them go, as `huoju clock` does: a twentieth of the time. Windows of both kinds
alternate. Rows that are left at the end stay; a row of the table tells how fast they went.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

from sqlalchemy import func, select, text

from benchmarks.ground import PLAYERS, Ground, opened
from benchmarks.report import Result, say
from benchmarks.servers import Places
from benchmarks.side_by_side import alternate
from core.models import Ageing, Inbox
from core.retention.ageing import OldRows

POSTGRES_ROWS, SQLITE_ROWS = 10_000_000, 1_000_000
"""Messages, each with its answer."""
PORTION = 250_000
_OLDEST, _YOUNGEST = timedelta(days=800), timedelta(days=410)

_INBOX = """
INSERT INTO inbox (address_key, external_id, body_mac, text_sealed, kind, withheld, state, received_at)
SELECT key, 'old-' || i, key, {sealed}, 'typed', {no}, 'done', {at} FROM ({series}) AS old
JOIN numbered ON n = i % :players
"""
_OUTBOX = """
INSERT INTO outbox (address_key, ref, part, sequence, state, category, text_sealed, said_at)
SELECT key, 're:old-' || i, 0, 0, 'answered', 0, {sealed}, {at} FROM ({series}) AS old
JOIN numbered ON n = i % :players
"""
_WORDS = {
    "postgresql": {
        "sealed": "decode(repeat('ab', 90), 'hex')",
        "no": "false",
        "at": "to_timestamp(:oldest + i * CAST(:step AS float))",
        "series": "SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS i",
    },
    "sqlite": {
        "sealed": "zeroblob(90)",
        "no": "0",
        "at": "strftime('%Y-%m-%d %H:%M:%S.000000', :oldest + i * :step, 'unixepoch')",
        "series": "WITH RECURSIVE s(i) AS (SELECT :first UNION ALL SELECT i + 1 FROM s WHERE i < :last)"
        " SELECT i FROM s",
    },
}


def run(places: Places) -> Iterator[Result]:
    """Two rows for each database."""
    for name, place, count in (
        ("SQLite", places.sqlite, SQLITE_ROWS),
        ("PostgreSQL", places.postgres, POSTGRES_ROWS),
    ):
        with ExitStack() as stack:
            ground = stack.enter_context(opened(stack.enter_context(place()), places.directory))
            ground.join()
            say(f"{name}: {count:,} old messages with their answers")
            _fill(ground, count)
            yield from _measured(name, ground, count)


def _fill(ground: Ground, count: int) -> None:
    database, now = ground.installation.database, ground.installation.clock()
    words = _WORDS[database.dialect.name]
    oldest, youngest = ((now - age).timestamp() for age in (_OLDEST, _YOUNGEST))
    given = {"oldest": int(oldest), "step": (youngest - oldest) / count, "players": PLAYERS}
    with database.begin() as connection:
        numbers = "SELECT row_number() OVER (ORDER BY key) - 1 AS n, key FROM addresses"
        connection.execute(text(f"CREATE TABLE numbered AS {numbers}"))
    for first in range(0, count, PORTION):
        portion = {**given, "first": first, "last": min(first + PORTION, count) - 1}
        with database.begin() as connection:
            for statement in (_INBOX, _OUTBOX):
                connection.execute(text(statement.format(**words)), portion)
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _measured(name: str, ground: Ground, count: int) -> Iterator[Result]:
    sides = alternate(ground, OldRows, lambda: _gone(ground))
    gone, left = _gone(ground), _left(ground)
    what = f"{name}, a redemption while {count:,} old messages go, to quiet"
    yield Result(what, *sides.shown, sides.ratio, "×", goal=1.5, at_least=False)
    yield Result(f"{name}, old rows gone", f"{gone:,} gone", f"{left:,} left", gone / max(sides.busy_s, 1e-9), "/s")


def _gone(ground: Ground) -> int:
    with ground.sessions() as session:
        return int(session.scalar(select(func.coalesce(func.sum(Ageing.gone), 0))) or 0)


def _left(ground: Ground) -> int:
    old = ground.installation.clock() - timedelta(days=400)
    with ground.sessions() as session:
        return session.scalar(select(func.count()).select_from(Inbox).where(Inbox.received_at < old)) or 0
