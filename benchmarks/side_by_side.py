"""Work in the background while people redeem codes: windows with it and quiet ones alternate, in one run."""

import itertools
import multiprocessing
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.synchronize import Event
from typing import Protocol

from benchmarks.ground import Ground, in_threads
from benchmarks.report import say
from core.engine.engine import Engine
from core.engine.runtime import Runtime
from core.messages import Answered, InboundMessage
from core.pace import EVERY_S
from huoju.bootstrap import open_installation
from huoju.settings import Settings

ROUNDS, SHORTEST_S, SENDERS = 10, 5.0, 8


class Worker(Protocol):
    """Work that a clock does in the background."""

    def __init__(self, runtime: Runtime) -> None: ...

    def act(self, at: datetime) -> object:
        """Do some of it."""


Work = type[Worker]


@dataclass(slots=True)
class Sides:
    """The p99 of each window in milliseconds, and how long was worked."""

    quiet_ms: list[float] = field(default_factory=list)
    busy_ms: list[float] = field(default_factory=list)
    busy_s: float = 0.0

    @property
    def shown(self) -> tuple[str, str]:
        """The medians, as a table shows them: busy, quiet."""
        busy, quiet = (f"p99 {statistics.median(each):.1f} ms" for each in (self.busy_ms, self.quiet_ms))
        return busy, quiet

    @property
    def ratio(self) -> float:
        """Of the medians, busy to quiet."""
        return statistics.median(self.busy_ms) / statistics.median(self.quiet_ms)


def alternate(ground: Ground, work: Work, done: Callable[[], int]) -> Sides:
    """Play with and without ``work``, which a process of its own does as a clock does; ``done`` counts it."""
    how = multiprocessing.get_context("spawn")
    at_work, over = how.Event(), how.Event()
    clock = how.Process(target=_clock, args=(ground.settings, work, at_work, over), daemon=True)
    clock.start()
    engine, sides = Engine(ground.runtime), Sides()
    _window(ground, engine)
    for number, busy in itertools.product(range(1, ROUNDS + 1), (False, True)):
        (at_work.set if busy else at_work.clear)()
        began_s, p99_ms = time.perf_counter(), _p99_ms(_window(ground, engine))
        (sides.busy_ms if busy else sides.quiet_ms).append(p99_ms)
        if busy:
            sides.busy_s += time.perf_counter() - began_s
            say(f"  round {number}: quiet p99 {sides.quiet_ms[-1]:.1f} ms, busy p99 {p99_ms:.1f} ms; {done():,} done")
    over.set()
    clock.join()
    engine.close()
    return sides


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


def _clock(settings: Settings, work: Work, at_work: Event, over: Event) -> None:
    """Do the work while it is told to, as a clock does."""
    installation = open_installation(settings)
    worker = work(installation.runtime())
    while not over.is_set():
        if at_work.wait(EVERY_S):
            worker.act(installation.clock())
            over.wait(EVERY_S)
    installation.database.dispose()
