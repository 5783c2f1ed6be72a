"""A polled bot where each part is a process of its own: from the update that is handed out to the answer that arrives.

`huoju telegram` takes the turn, `huoju sender` says the answer, `huoju clock` runs beside them, a Bot API is faked on
loopback. One player writes, waits for the answer, and thinks for a while by chance. Half of the rounds have a sender
that hears nothing of other processes and only looks, as on SQLite or behind a proxy that keeps notices to itself.
"""

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from string import Template

from benchmarks.accounts import write_accounts
from benchmarks.ground import CAMPAIGN, opened
from benchmarks.processes import HUOJU, running
from benchmarks.report import Result, say
from benchmarks.servers import Places
from tests.adapters.telegram.updates import message
from tests.fakes.telegram import TOKEN, Bot, fake_telegram

ROUNDS, MESSAGES, WARM_UP = 2, 60, 5
_LONGEST_THOUGHT_S = 0.3
_PATIENCE_S = 60
_TABLE = """
[telegram.bench]
token_file = "token"
api_url = "$url"
receive = "polling"
rate = 1000
burst = 1000
"""
_DEAF = "from scheduler.listener import Listener; Listener.tell = lambda *_: None; from huoju.cli import main; main()"
_SENDERS = {"hears": HUOJU, "looks": ("-c", _DEAF)}


def run(places: Places) -> Iterator[Result]:
    """Two rows."""
    say(f"a polled bot, its sender a process of its own: {2 * ROUNDS} rounds of {MESSAGES} messages")
    found: dict[str, list[float]] = {name: [] for name in _SENDERS}
    with fake_telegram() as telegram:
        table = Template(_TABLE).substitute(url=telegram.url)
        accounts = write_accounts(places.directory / "polled", table, {"token": TOKEN})
        with (
            places.postgres() as url,
            opened(url, places.directory, CAMPAIGN, accounts) as ground,
            running(ground, places, "telegram"),
            running(ground, places, "clock"),
        ):
            for name, words in list(_SENDERS.items()) * ROUNDS:
                with running(ground, places, "sender", words=words):
                    took_ms = _converse(telegram.bot, WARM_UP + MESSAGES)[WARM_UP:]
                say(f"  a sender that {name}: p50 {statistics.median(took_ms):.1f} ms, p95 {_p95(took_ms):.1f} ms")
                found[name] += took_ms
    (hears, looks), what = found.values(), "polled bot, PostgreSQL, each part a process: update to answer"
    p50, old = statistics.median(hears), statistics.median(looks)
    yield Result(f"{what}, p50", "hears", f"looks: {old:.0f} ms", p50, "ms", goal=30.0, at_least=False)
    yield Result(f"{what}, p95", "hears", f"looks: {_p95(looks):.0f} ms", _p95(hears), "ms")


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _converse(bot: Bot, count: int) -> list[float]:
    """How many milliseconds each of ``count`` answers took."""
    thoughts, took_ms = random.Random(1), []
    for _ in range(count):
        said = len(bot.sent)
        began = time.perf_counter()
        bot.post(message("help"))
        while len(bot.sent) == said:
            assert time.perf_counter() - began < _PATIENCE_S, "no answer came"
            time.sleep(0.0005)
        took_ms.append((time.perf_counter() - began) * 1000)
        time.sleep(thoughts.uniform(0, _LONGEST_THOUGHT_S))
    return took_ms
