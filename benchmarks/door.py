"""The playground's JSON door on PostgreSQL under 128 connections, beside a naive Flask handler; and a quiet player."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from benchmarks.ground import Ground, opened
from benchmarks.load import Outcome, drive, request
from benchmarks.report import Result, compared, interleaved, say
from benchmarks.servers import Places
from benchmarks.serving import serving

WORKERS, CONNECTIONS = 2, 128
ROUNDS = 4
OURS, THEIRS = 4000, 1000
QUIET = 200
QUIET_PAUSE_S = 0.005


def run(places: Places) -> Iterator[Result]:
    """Three rows: the ratio, our 99th percentile, and one player at a time."""
    say("the door on PostgreSQL: 128 connections, 2 workers, beside a naive handler")
    with places.postgres() as url, opened(url, places.directory) as ground:
        ground.join()
        settings, outcomes = ground.settings, list[Outcome]()
        with serving("ours", settings, WORKERS) as ours, serving("naive", settings, WORKERS) as naive:

            def measure() -> float:
                outcomes.append(_send(ground, ours, OURS, CONNECTIONS))
                return outcomes[-1].rate

            sides = {"ours": measure, "naive": lambda: _send(ground, naive, THEIRS, CONNECTIONS).rate}
            rates = interleaved(ROUNDS, sides)
    yield compared(
        "HTTP, PostgreSQL, 128 connections: redemptions, to naive ORM", rates["ours"], rates["naive"], goal=5.0
    )
    late_ms = sorted(outcome.percentile_ms(99) for outcome in outcomes[1:])[ROUNDS // 2]
    yield Result("the same: 99th percentile", f"{late_ms:.0f} ms", "", late_ms, "ms", goal=250, at_least=False)


def run_quiet(places: Places) -> Iterator[Result]:
    """Two rows: one player at a time, on each database."""
    yield from _quiet(places, "PostgreSQL", places.postgres)
    yield from _quiet(places, "SQLite", places.sqlite)


def _quiet(places: Places, name: str, empty: Callable[[], AbstractContextManager[str]]) -> Iterator[Result]:
    say(f"one quiet player on {name}")
    with empty() as url, opened(url, places.directory) as ground:
        ground.join()
        with serving("ours", ground.settings, 1) as port:
            _send(ground, port, 50, 1)
            outcome = _send(ground, port, QUIET, 1, QUIET_PAUSE_S)
    half_ms, late_ms = outcome.percentile_ms(50), outcome.percentile_ms(99)
    ours = f"p50 {half_ms:.1f} ms, p99 {late_ms:.1f} ms"
    yield Result(f"HTTP, {name}, one quiet player: median", ours, "", half_ms, "ms", goal=10, at_least=False)


def _send(ground: Ground, port: int, count: int, connections: int, pause_s: float = 0.0) -> Outcome:
    """Redeem ``count`` codes through the door at ``port``, and see them in the database."""
    requests = [request(message, port) for message in ground.messages(count)]
    before = ground.redeemed()
    outcome = drive(port, requests, connections, pause_s)
    assert ground.redeemed() - before == count, "an answer without its redemption"
    return outcome
