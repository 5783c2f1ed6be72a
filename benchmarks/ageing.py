"""Millions of old messages go while people redeem codes: p99 of a redemption, to p99 of the quiet windows between.

A clock in a process of its own lets them go, as `huoju clock` does: a twentieth of the time. Windows of both kinds
alternate. Rows that are left at the end stay; a row of the table tells how fast they went.
"""

import itertools
import multiprocessing
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from multiprocessing.synchronize import Event

from sqlalchemy import func, select, text

from benchmarks.ground import PLAYERS, Ground, in_threads, opened
from benchmarks.report import Result, say
from benchmarks.servers import Places
from core.engine.engine import Engine
from core.messages import Answered, InboundMessage
from core.models import Ageing, Inbox
from core.pace import EVERY_S
from core.retention.ageing import OldRows
from huoju.bootstrap import open_installation
from huoju.settings import Settings

POSTGRES_ROWS, SQLITE_ROWS = 10_000_000, 1_000_000
"""Messages, each with its answer."""
ROUNDS, SHORTEST_S, SENDERS, PORTION = 10, 5.0, 8, 250_000
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
    how = multiprocessing.get_context("spawn")
    at_work, over = how.Event(), how.Event()
    clock = how.Process(target=_clock, args=(ground.settings, at_work, over), daemon=True)
    clock.start()
    engine, sides = Engine(ground.runtime), dict[str, list[float]]()
    _window(ground, engine)
    ageing_s = 0.0
    for number, side in itertools.product(range(1, ROUNDS + 1), ("quiet", "ageing")):
        (at_work.set if side == "ageing" else at_work.clear)()
        began_s = time.perf_counter()
        sides.setdefault(side, []).append(_p99_ms(_window(ground, engine)))
        ageing_s += (time.perf_counter() - began_s) * (side == "ageing")
        if side == "ageing":
            told = ", ".join(f"{each} p99 {found[-1]:.1f} ms" for each, found in sides.items())
            say(f"  round {number}: {told}; {_gone(ground):,} rows gone")
    over.set()
    clock.join()
    engine.close()
    gone, left = _gone(ground), _left(ground)
    ratio = statistics.median(sides["ageing"]) / statistics.median(sides["quiet"])
    shown = {side: f"p99 {statistics.median(found):.1f} ms" for side, found in sides.items()}
    what = f"{name}, a redemption while {count:,} old messages go, to quiet"
    yield Result(what, shown["ageing"], shown["quiet"], ratio, "×", goal=1.5, at_least=False)
    yield Result(f"{name}, old rows gone", f"{gone:,} gone", f"{left:,} left", gone / max(ageing_s, 1e-9), "/s")


def _window(ground: Ground, engine: Engine) -> list[float]:
    """Redeem for SHORTEST_S or longer, each sender waiting for its answer; seconds each redemption took."""
    took: list[float] = []
    lock, end_s = threading.Lock(), time.perf_counter() + SHORTEST_S

    def send(mine: Sequence[InboundMessage]) -> None:
        for message in mine:
            began_s = time.perf_counter()
            answer = engine.submit(message).result()
            with lock:
                took.append(time.perf_counter() - began_s)
            assert answer.how is Answered.NEW, answer

    while time.perf_counter() < end_s:
        in_threads(send, ground.messages(1_000), SENDERS)
    return took


def _p99_ms(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[-1] * 1000


def _clock(settings: Settings, at_work: Event, over: Event) -> None:
    """Let old rows go while it is told to, as a clock does."""
    installation = open_installation(settings)
    rows = OldRows(installation.runtime())
    while not over.is_set():
        if at_work.wait(EVERY_S):
            rows.act(installation.clock())
            over.wait(EVERY_S)
    installation.database.dispose()


def _gone(ground: Ground) -> int:
    with ground.sessions() as session:
        return int(session.scalar(select(func.coalesce(func.sum(Ageing.gone), 0))) or 0)


def _left(ground: Ground) -> int:
    old = ground.installation.clock() - timedelta(days=400)
    with ground.sessions() as session:
        return session.scalar(select(func.count()).select_from(Inbox).where(Inbox.received_at < old)) or 0
