"""The engine on SQLite in one process with synchronous=FULL, beside one message a transaction."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import make_url

from benchmarks.by_hand import ByHand
from benchmarks.ground import Ground, in_threads, opened, through_engine
from benchmarks.report import Result, compared, interleaved, say
from benchmarks.servers import Places
from core.campaign.live import Published
from core.engine.engine import Engine
from core.messages import InboundMessage

ROUNDS = 5
OURS, SINGLY, THEIRS = 3000, 300, 800


def run(places: Places) -> Iterator[Result]:
    """Two rows: to our own engine with one message a turn, and to a hand-written transaction."""
    say("engine on SQLite: 64 senders, beside one message a transaction")
    with places.sqlite() as url, opened(url, places.directory) as ground:
        ground.join()
        engine, single, published = Engine(ground.runtime), Engine(ground.runtime, turn_limit=1), ground.published()
        sides = {
            "engine": lambda: through_engine(engine, ground.messages(OURS)),
            "one a turn": lambda: through_engine(single, ground.messages(SINGLY)),
            "by hand": lambda: by_hand(ground, published, ground.messages(THEIRS)),
        }
        before = ground.redeemed()
        rates = interleaved(ROUNDS, sides)
        engine.close()
        single.close()
        assert ground.redeemed() - before == (ROUNDS + 1) * (OURS + SINGLY + THEIRS)
    what = "SQLite, one process, synchronous=FULL: redemptions, to"
    yield compared(f"{what} one message a transaction", rates["engine"], rates["one a turn"], goal=5.0)
    yield compared(f"{what} the same by hand on sqlite3", rates["engine"], rates["by hand"])


def by_hand(ground: Ground, published: Published, messages: Sequence[InboundMessage]) -> float:
    """Redeem ``messages`` in one thread: SQLite has one writer at a time."""

    def work(mine: Sequence[InboundMessage]) -> None:
        connection = sqlite3.connect(make_url(ground.settings.database_url).database or "", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")

        def execute(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
            return connection.execute(_in_sqlite(statement), [_stored(value) for value in parameters]).fetchall()

        hand = ByHand(execute, ground.installation.keys, published, _instant)
        for message in mine:
            connection.execute("BEGIN IMMEDIATE")
            hand.redeem(message)
            connection.execute("COMMIT")
        connection.close()

    return in_threads(work, messages, 1)


def _in_sqlite(statement: str) -> str:
    return statement.replace("%s", "?").partition(" FOR UPDATE")[0]


def _stored(value: Any) -> Any:
    """An instant or a day as SQLAlchemy stores it."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _instant(stored: str | datetime) -> datetime:
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(stored).replace(tzinfo=UTC)
