"""The engine on PostgreSQL with 64 senders, beside raw psycopg with 8 connections and one message a transaction."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from sqlalchemy import make_url

from benchmarks.by_hand import ByHand
from benchmarks.ground import Ground, by_callbacks, in_threads, opened, through_engine
from benchmarks.report import Result, compared, interleaved, say
from benchmarks.servers import Places
from core.campaign.live import Published
from core.engine.engine import Engine
from core.messages import InboundMessage

CONNECTIONS = 8
ROUNDS = 5
OURS, THEIRS = 3000, 1500
"""Messages in a block of each side: about a second."""


def run(places: Places) -> Iterator[Result]:
    """Two rows."""
    say("engine on PostgreSQL: 64 senders, beside raw psycopg with 8 connections")
    with places.postgres() as url, opened(url, places.directory) as ground:
        ground.join()
        engine, published = Engine(ground.runtime), ground.published()
        sides = {
            "engine": lambda: by_callbacks(engine, ground.messages(OURS)),
            "in threads": lambda: through_engine(engine, ground.messages(OURS)),
            "psycopg": lambda: by_hand(ground, published, ground.messages(THEIRS)),
        }
        before = ground.redeemed()
        rates = interleaved(ROUNDS, sides)
        engine.close()
        assert ground.redeemed() - before == (ROUNDS + 1) * (2 * OURS + THEIRS)
    yield compared("PostgreSQL, 64 senders: redemptions, to raw psycopg", rates["engine"], rates["psycopg"], goal=2.0)
    yield compared("the same, each sender with a thread that waits", rates["in threads"], rates["psycopg"])


def by_hand(ground: Ground, published: Published, messages: Sequence[InboundMessage]) -> float:
    """Redeem ``messages`` on CONNECTIONS connections, each with a thread and its prepared statements."""
    url = make_url(ground.settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)

    def work(mine: Sequence[InboundMessage]) -> None:
        with psycopg.connect(url, options="-c timezone=UTC") as connection, connection.cursor() as cursor:

            def execute(statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
                cursor.execute(statement, parameters, prepare=True)
                return cursor.fetchall() if cursor.description else []

            hand = ByHand(execute, ground.installation.keys, published, lambda instant: instant)
            for message in mine:
                hand.redeem(message)
                connection.commit()

    return in_threads(work, messages, CONNECTIONS)
