"""The clock beside its PostgreSQL: 3,000 timers a second among a million, a crowd at one instant, clocks that died.

Every timer that fires says something or puts a torch out: it locks its player, seals a text, and writes outbox, queue
and news. The clock is `huoju clock` itself, as many processes as CLOCKS. Lateness is seen from outside: twenty times a
second the oldest timer that is still due is asked for; timers fire in the order in which they are due.
"""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from sqlalchemy import text

from benchmarks.ground import Ground, opened
from benchmarks.processes import running
from benchmarks.report import Result, say
from benchmarks.servers import Places
from benchmarks.torches import add_ambassadors, add_timers, settle
from handlers.relay.torches import OUT, REMIND

CAMPAIGN = Path(__file__).with_name("relay.yaml")
PENDING = 1_000_000
RATE, LASTS_S = 3_000, 20
DOWN_S, AFTER_S = 10, 40
CROWD = 100_000
CLOCKS = 2
_POLL_S = 0.05
_AHEAD = timedelta(seconds=4)


def run(places: Places) -> Iterator[Result]:
    """Three rows."""
    say(f"the clock: {PENDING:,} timers that wait, {RATE:,} due a second")
    with places.postgres() as url, opened(url, places.directory, CAMPAIGN) as ground:
        now = ground.installation.clock()
        holders = RATE * (LASTS_S + DOWN_S + AFTER_S)
        first, _ = add_ambassadors(ground, holders, now - timedelta(minutes=5), "unlit")
        owners = iter(range(first, first + holders))
        add_timers(ground, ((first + n % holders, REMIND, 2 + n // holders, _far(now)) for n in range(PENDING)))
        settle(ground, "addresses, players, joins, torches, timers")
        yield _steady(ground, places, owners)
        yield _after_downtime(ground, places, owners)
    with places.postgres() as url, opened(url, places.directory, CAMPAIGN) as ground:
        yield _crowd(ground, places)


def _far(now: datetime) -> datetime:
    return now + timedelta(hours=3)


def _steady(ground: Ground, places: Places, owners: Iterator[int]) -> Result:
    with _clocks(ground, places):
        begin = _plan(ground, owners, LASTS_S)
        lateness = _watch(ground, begin, begin + timedelta(seconds=LASTS_S))
    late = sorted(chain.from_iterable([late_s] * count for late_s, count in lateness))
    p99 = late[int(len(late) * 0.99)]
    what = f"{RATE:,} timers due a second among {PENDING:,}: lateness, p99"
    return Result(what, f"p50 {late[len(late) // 2]:.2f} s", f"{CLOCKS} clocks", p99, "s", goal=1.0, at_least=False)


def _after_downtime(ground: Ground, places: Places, owners: Iterator[int]) -> Result:
    """The clocks are killed while timers go on falling due, and started again: until when something is late."""
    with _clocks(ground, places) as first:
        begin = _plan(ground, owners, DOWN_S + AFTER_S)
        _sleep_until(ground, begin)
        for process in first:
            process.send_signal(signal.SIGKILL)
        _sleep_until(ground, begin + timedelta(seconds=DOWN_S))
        with _clocks(ground, places):
            back = time.perf_counter()
            while _oldest(ground, begin).late_s > 1.0:
                time.sleep(_POLL_S)
                assert time.perf_counter() - back < AFTER_S, "the clocks never caught up"
            took_s = time.perf_counter() - back
    what = f"{DOWN_S} s without a clock at {RATE:,} a second, which goes on: caught up within"
    return Result(what, f"{RATE * DOWN_S:,} late", f"{CLOCKS} clocks", took_s, "s", goal=30.0, at_least=False)


def _crowd(ground: Ground, places: Places) -> Result:
    """All due at one instant; the clocks run already."""
    now = ground.installation.clock()
    first, _ = add_ambassadors(ground, CROWD, now - timedelta(minutes=5), "unlit")
    due_at = ground.installation.clock() + 3 * _AHEAD
    add_timers(ground, ((first + n, OUT, 1, due_at) for n in range(CROWD)))
    settle(ground, "addresses, players, joins, torches, timers")
    with _clocks(ground, places):
        _sleep_until(ground, due_at)
        began = time.perf_counter()
        while _oldest(ground, due_at).left:
            time.sleep(_POLL_S)
        took_s = time.perf_counter() - began
    what = f"{CROWD:,} torches that end in the same second: all out within"
    return Result(what, f"{CROWD / took_s:,.0f}/s", f"{CLOCKS} clocks", took_s, "s", goal=60.0, at_least=False)


def _plan(ground: Ground, owners: Iterator[int], seconds: int) -> datetime:
    """Let RATE timers a second fall due from some seconds from now on; returns when the first one does."""
    step = timedelta(seconds=1) / RATE
    rows = [(next(owners), REMIND, 1) for _ in range(RATE * seconds)]
    begin = ground.installation.clock() + _AHEAD
    add_timers(ground, ((*row, begin + number * step) for number, row in enumerate(rows)))
    return max(begin, ground.installation.clock())


@dataclass(frozen=True, slots=True)
class Oldest:
    """The timers of a plan that should have fired: whether there are any, and how late the oldest one is."""

    left: bool
    late_s: float
    due_at: datetime


def _oldest(ground: Ground, begin: datetime) -> Oldest:
    asked = text("SELECT min(due_at) FROM timers WHERE state = 'due' AND due_at >= :begin AND due_at <= :now")
    with ground.installation.database.connect() as connection:
        now = ground.installation.clock()
        due_at = connection.scalar(asked, {"begin": begin, "now": now})
    return Oldest(due_at is not None, (now - (due_at or now)).total_seconds(), due_at or now)


def _watch(ground: Ground, begin: datetime, end: datetime) -> list[tuple[float, int]]:
    """(lateness in seconds, how many timers) for all that fall due from ``begin`` to ``end``."""
    found, fired_to = [], begin
    while fired_to < end:
        time.sleep(_POLL_S)
        seen = _oldest(ground, begin)
        now = ground.installation.clock()
        front = min(seen.due_at, end)
        step = timedelta(seconds=1) / RATE
        while fired_to < front:
            part = min(front, fired_to + timedelta(seconds=_POLL_S))
            found.append(((now - fired_to).total_seconds(), max(int((part - fired_to) / step), 1)))
            fired_to = part
    return found


def _sleep_until(ground: Ground, instant: datetime) -> None:
    time.sleep(max((instant - ground.installation.clock()).total_seconds(), 0))


@contextmanager
def _clocks(ground: Ground, places: Places) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """CLOCKS processes of `huoju clock`, ready."""
    with running(ground, places, "clock", CLOCKS) as clocks:
        yield clocks
