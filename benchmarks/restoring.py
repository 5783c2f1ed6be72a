"""A backup taken while 500 players play, and what comes of it: restored, audited, and every answered code is in it."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import nullcontext
from pathlib import Path

from sqlalchemy import select

from benchmarks.ground import Ground, opened
from benchmarks.report import Result, say
from benchmarks.servers import Places
from core.alphabet import normalise
from core.database import open_database
from core.engine.engine import Engine
from core.messages import Answer, Answered, InboundMessage
from handlers.codes.tables import Redemption
from huoju.backup.restore import restore
from huoju.backup.take import take
from tests import postgres

PLAYERS = 500
CODES = 40_000
QUIET_S = 4.0


class Crowd:
    """Players who each send a code, wait for the answer and send the next, until there are none or it is enough."""

    def __init__(self, ground: Ground, engine: Engine) -> None:
        self.answered: dict[str, float] = {}
        """When each code was answered, by a clock that only runs."""
        self._engine, self._left = engine, iter(ground.messages(CODES))
        self._lock, self._enough = threading.Lock(), threading.Event()
        self._at_work = PLAYERS
        self.gone = threading.Event()
        self.faults: list[object] = []

    def begin(self) -> None:
        """Let everybody send the first code."""
        for _ in range(PLAYERS):
            self._send()

    def stop(self) -> None:
        """Let everybody finish; returns when the last answer has come."""
        self._enough.set()
        self.gone.wait()

    def _send(self) -> None:
        with self._lock:
            message = None if self._enough.is_set() else next(self._left, None)
            if message is None:
                self._at_work -= 1
                if self._at_work == 0:
                    self.gone.set()
                return
        self._engine.submit(message).add_done_callback(lambda future: self._hear(message, future))

    def _hear(self, message: InboundMessage, future: "Future[Answer]") -> None:
        if future.exception() is not None or future.result().how is not Answered.NEW:
            self.faults.append(future)
        else:
            self.answered[message.text] = time.monotonic()
        self._send()

    def between(self, begin_s: float, end_s: float) -> float:
        """Answers a second."""
        return sum(begin_s <= at < end_s for at in list(self.answered.values())) / (end_s - begin_s)


def run(places: Places) -> Iterator[Result]:
    """Two rows a database: how fast players are answered meanwhile, and how long the restore takes."""
    os.environ["PATH"] = f"{postgres.tools()}{os.pathsep}{os.environ['PATH']}"
    with places.sqlite() as url, places.sqlite() as other:
        yield from _trial("SQLite", url, other, places.directory / "one")
    with places.postgres() as url, places.postgres() as other:
        yield from _trial("PostgreSQL", url, other, places.directory / "two")


def _trial(name: str, url: str, other: str, directory: Path) -> Iterator[Result]:
    say(f"{name}: a backup while {PLAYERS} players play")
    directory.mkdir()
    with opened(url, directory) as ground:
        ground.join()
        engine = Engine(ground.runtime)
        crowd, clock = Crowd(ground, engine), ground.installation.clock
        began_s = time.monotonic()
        crowd.begin()
        time.sleep(QUIET_S)
        taken_s = time.monotonic()
        made = take(ground.settings, directory / "under-load.backup", clock, lambda _what: nullcontext(lambda *_: None))
        whole_s = time.monotonic()
        time.sleep(1.0)
        played_on = not crowd.gone.is_set()
        crowd.stop()
        engine.close()
        quiet, meanwhile = crowd.between(began_s + 1, taken_s), crowd.between(taken_s, whole_s)
        before = [code for code, at in crowd.answered.items() if at < taken_s]
        restored_s = time.monotonic()
        settings = ground.settings.model_copy(update={"database_url": other, "metrics_folder": directory / "none"})
        copy = restore(settings, made.path, [], clock, lambda _what: nullcontext(lambda *_: None))
        restored_s = time.monotonic() - restored_s
        database = open_database(other)
        with database.connect() as connection:
            there = set(connection.scalars(select(Redemption.code_hash)))
        database.dispose()
        lost = [code for code in before if ground.installation.keys.code_hash(str(normalise(code))) not in there]
    size = made.path.stat().st_size / 1e6
    say(
        f"  {len(crowd.answered):,} answered, {len(crowd.faults)} faults; {len(before):,} before the backup,"
        f" {len(lost)} of them lost; faults of the audit: {len(copy.faults)}; played on: {played_on};"
        f" {sum(made.manifest.rows.values()):,} rows in {size:.1f} MB; backup {whole_s - taken_s:.1f} s,"
        f" restore with audit {restored_s:.1f} s"
    )
    assert not lost
    assert not copy.faults
    assert not crowd.faults
    rate = f"{meanwhile:,.0f} a second"
    yield Result(
        f"{name}: players answered while a backup is taken", rate, f"{quiet:,.0f} before", meanwhile / quiet, "×"
    )
    yield Result(f"{name}: a restore, audited, of that", f"{restored_s:.1f} s", f"{size:.1f} MB", restored_s, "s")
