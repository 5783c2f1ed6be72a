"""The clock: a few fixed ticks in memory. Any number of processes may run it, a tick doubled is harmless."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from core.blame import Suspects, is_worlds, where
from core.engine.runtime import Runtime
from core.measures import rollup
from core.notices import TIMERS
from core.pace import EVERY_S
from core.parts import forget_parts, say_late
from core.resealing import OldSeals
from core.retention.ageing import OldRows
from core.sending.delivery_reports import forget_strays
from core.sending.policy import drop_late
from core.timers.execution import fire_chunk, next_due
from core.times import Clock, system_clock
from handlers.broadcasts.ticks import Broadcasting
from handlers.calendar.ticks import run_calendar
from handlers.claims.vouchers import serve_waiting
from handlers.operators import job_files
from handlers.operators.reports import send_reports
from handlers.points.verbs import expire_due
from handlers.relay.rollup import roll_up
from handlers.rights.erase import erase_due
from scheduler.jobs import JobWorker
from scheduler.listener import REST_S

log = structlog.get_logger()

JUMP = timedelta(seconds=5)
"""By so much the clock on the wall may run ahead of, or behind, one that only counts, between two looks at both."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Something to look after again and again: it finds in the database what is due, and misses nothing."""

    name: str
    every: timedelta
    act: Callable[[], object]


class JumpWatch:
    """Notices when the clock on the wall is turned; nothing depends on it but an operator who wonders."""

    def __init__(self, clock: Clock, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._monotonic_s = clock, monotonic_s
        self._seen = self._look()

    def _look(self) -> tuple[datetime, float]:
        return self._clock(), self._monotonic_s()

    def __call__(self) -> timedelta:
        """By how much the clock was turned since the last look; more than JUMP is logged."""
        before, self._seen = self._seen, self._look()
        jump = self._seen[0] - before[0] - timedelta(seconds=self._seen[1] - before[1])
        if abs(jump) > JUMP:
            log.warning("clock.jumped", by_s=round(jump.total_seconds(), 1))
        return jump


FIRE_TIMERS = "fire_timers"
"""The tick that is woken when this process hears of timers."""
LONGEST_PAUSE_S = 30.0
"""A tick that fails again and again acts at least so often."""


class Firing:
    """Fires what is due, at each act; while this process hears, when it was told, when one is due, and seldom."""

    def __init__(
        self,
        runtime: Runtime,
        clock: Clock,
        hears: Callable[[], bool] = lambda: False,
        running_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.stopping = threading.Event()
        """An act that takes long ends early once it is set."""
        self._world, self._clock, self._hears, self._running_s = runtime, clock, hears, running_s
        self._suspects, self._told, self._rests_until_s = Suspects(), False, 0.0

    def wake(self) -> None:
        """Something may be due that was not: rest no longer."""
        self._told = True

    def __call__(self) -> int:
        """Fire what is due, and what has become due meanwhile; returns how many were looked at."""
        if self._hears() and not self._told and self._running_s() < self._rests_until_s:
            return 0
        fired, self._told, self._rests_until_s = 0, False, 0.0
        while not self.stopping.is_set() and (taken := self._fire()):
            fired += taken
        if self._hears():
            self._rest()
        return fired

    def _fire(self) -> int:
        return fire_chunk(self._world, self._clock(), suspects=self._suspects)

    def _rest(self) -> None:
        first = next_due(self._world)
        ahead_s = REST_S if first is None else (first - self._clock()).total_seconds()
        self._rests_until_s = self._running_s() + min(ahead_s, REST_S)


def ticks(runtime: Runtime, clock: Clock, firing: Firing | None = None) -> tuple[Tick, ...]:
    """All ticks of an installation."""
    old_rows, old_seals, broadcasting = OldRows(runtime), OldSeals(runtime), Broadcasting(runtime)
    return (
        Tick(FIRE_TIMERS, timedelta(seconds=0.25), firing or Firing(runtime, clock)),
        Tick("count_torches", timedelta(seconds=1), lambda: roll_up(runtime)),
        Tick("calendar", timedelta(seconds=5), lambda: run_calendar(runtime, clock())),
        Tick("broadcasts", timedelta(seconds=0.5), lambda: broadcasting.act(clock())),
        Tick("watch_clock", timedelta(seconds=10), JumpWatch(clock)),
        Tick("serve_vouchers", timedelta(seconds=20), lambda: serve_waiting(runtime, clock())),
        Tick("say_parts", timedelta(seconds=30), lambda: say_late(runtime, clock())),
        Tick("drop_late_texts", timedelta(minutes=1), lambda: drop_late(runtime.sessions, clock())),
        Tick("forget_receipts", timedelta(hours=1), lambda: forget_strays(runtime.sessions, clock())),
        Tick("sweep_files", timedelta(minutes=1), lambda: job_files.sweep(runtime, clock())),
        Tick("forget_parts", timedelta(hours=1), lambda: forget_parts(runtime.sessions, clock())),
        Tick("count_days", timedelta(minutes=5), lambda: rollup.roll_up(runtime, clock())),
        Tick("send_reports", timedelta(minutes=1), lambda: send_reports(runtime, clock())),
        Tick("erase_people", timedelta(minutes=1), lambda: erase_due(runtime, clock())),
        Tick("age_rows", timedelta(seconds=EVERY_S), lambda: old_rows.act(clock())),
        Tick("reseal", timedelta(seconds=EVERY_S), lambda: old_seals.act(clock())),
        Tick("expire_points", timedelta(minutes=1), lambda: expire_due(runtime, clock())),
    )


@dataclass(frozen=True, slots=True)
class RunningClock:
    """Ticks in threads of their own, until :meth:`stop`."""

    scheduler: BackgroundScheduler
    firing: Firing
    worker: JobWorker | None = None

    def hear(self, what: str | None) -> None:
        """Another process made ``what`` due; None when it may be anything. Timers are looked after at once."""
        if what in (None, TIMERS):
            self.firing.wake()
            with contextlib.suppress(JobLookupError):  # it has just stopped
                self.scheduler.modify_job(FIRE_TIMERS, next_run_time=system_clock())

    def stop(self) -> None:
        """Tick no more; what a tick has in hand is finished first."""
        self.firing.stopping.set()
        if self.worker is not None:
            self.worker.stopping.set()
        self.scheduler.shutdown()
        if self.worker is not None:
            self.worker.stop()


def run_clock(runtime: Runtime, clock: Clock, hears: Callable[[], bool] = lambda: False) -> RunningClock:
    """Start all ticks of an installation, and a worker for jobs.

    ``hears`` says whether the clock is told now what others make due.
    """
    firing = Firing(runtime, clock, hears)
    return RunningClock(start_ticks(ticks(runtime, clock, firing)), firing, JobWorker(runtime, clock))


def start_ticks(all_ticks: tuple[Tick, ...]) -> BackgroundScheduler:
    """Start ticking in a thread of its own; ``shutdown()`` the result to stop. A tick that fails is logged."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a tick that is still acting when it is due is no news
    scheduler = BackgroundScheduler(timezone="UTC")
    for tick in all_ticks:
        scheduler.add_job(
            _Guarded(tick),
            "interval",
            seconds=tick.every.total_seconds(),
            id=tick.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=max(int(tick.every.total_seconds()), 1),
        )
    scheduler.start()
    return scheduler


class _Guarded:
    """Acts as ``tick``, whatever that raises; after a failure it rests, twice as long each time."""

    def __init__(self, tick: Tick, running_s: Callable[[], float] = time.monotonic) -> None:
        self._tick, self._running_s = tick, running_s
        self._pause_s, self._rests_until_s = 0.0, 0.0

    def __call__(self) -> None:
        """The next act finds what this one left."""
        if self._running_s() < self._rests_until_s:
            return
        try:
            self._tick.act()
        except Exception as error:
            self._pause_s = min(max(self._pause_s * 2, self._tick.every.total_seconds()), LONGEST_PAUSE_S)
            self._rests_until_s = self._running_s() + self._pause_s
            if is_worlds(error):
                log.warning("tick.put_off", tick=self._tick.name, error=type(error).__name__, at=where(error))
            else:
                log.exception("tick.failed", tick=self._tick.name, error=type(error).__name__)
        else:
            self._pause_s = 0.0
