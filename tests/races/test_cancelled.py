"""While people play, somebody cancels statements and cuts links: no message fails, and nothing happens twice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from core.blame import Unavailable
from core.engine.engine import Engine
from core.messages import Answer, InboundMessage
from core.models import Inbox, Timer
from handlers.codes.tables import Redemption
from tests.races.crowd import PATIENCE_S, count, faults
from tests.stage import CAMPAIGN, Stage

PLAYERS = 120
_DISTURB = """
    SELECT {}(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
"""


@contextmanager
def _disturbed(url: str, function: str) -> Iterator[list[int]]:
    """Somebody does this to every statement that is seen, again and again; yields how many were hit."""
    hit, over = [0], threading.Event()

    def disturb() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not over.is_set():
                hit[0] += len(connection.execute(_DISTURB.format(function)).fetchall())

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        yield hit
    finally:
        over.set()
        thread.join(PATIENCE_S)


def _delivered(engine: Engine, message: InboundMessage) -> Answer:
    """The answer to ``message``, delivered again, as a platform does, as often as we say that nothing happened."""
    for _ in range(1000):
        try:
            return engine.submit(message).result(PATIENCE_S)
        except Unavailable:
            continue
    raise AssertionError("it never went well")


@pytest.mark.parametrize("function", ["pg_cancel_backend", "pg_terminate_backend"])
def test_whoever_plays_while_the_database_is_disturbed_is_served_once(
    arena: Stage, postgres_url: str, function: str
) -> None:
    arena.publish(CAMPAIGN.replace("[test, second]", "[test]"))
    codes = arena.codes(PLAYERS)
    engine = Engine(arena.runtime)
    messages = [arena.message(code, by=f"p{number}", id=f"m{number}") for number, code in enumerate(codes)]
    with _disturbed(postgres_url, function) as hit:
        for message in messages:
            _delivered(engine, message)
            if hit[0] > PLAYERS:
                break
    assert hit[0], "nobody was disturbed"
    for message in messages:  # the platform delivers all once more
        assert _delivered(engine, message).texts == ("redeem.points balance=10 points=10",)
    engine.close()
    assert count(arena, Inbox, Inbox.state == "failed") == count(arena, Timer, Timer.state == "failed") == 0
    assert count(arena, Redemption) == count(arena, Inbox) == PLAYERS
    assert faults(arena) == []
