"""What players feel of the console: how long their messages take while 200 screens ask for its numbers.

Messages arrive at fixed instants, with and without the screens in turn. Each screen asks every two seconds for what it
has not got yet, on a connection of its own, from a process of its own.
"""

import http.client
import itertools
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.synchronize import Event

from benchmarks.arrivals import Crowd
from benchmarks.ground import Ground, opened
from benchmarks.load import is_new, request
from benchmarks.report import Result, say
from benchmarks.servers import Places
from benchmarks.serving import serving
from handlers.operators.console import path_of
from handlers.operators.tables import ConsoleLink

WORKERS, SCREENS, EVERY_S = 2, 200, 2.0
RATE, LASTS_S, ROUNDS = 100, 8, 4
GOAL_MS = 10.0
_PATIENCE_S = 60


def run(places: Places) -> Iterator[Result]:
    """One row."""
    say(f"{SCREENS} screens that show the console, while {RATE} codes a second are redeemed")
    with places.postgres() as url, opened(url, places.directory) as ground:
        ground.join()
        path = _link(ground)
        with serving("ours", ground.settings, WORKERS) as port:
            _late_ms(ground, port)
            without, among = list[float](), list[float]()
            for number in range(1, ROUNDS + 1):
                without.append(_late_ms(ground, port))
                with _screens(port, path) as answers:
                    among.append(_late_ms(ground, port))
                say(
                    f"  round {number}: p95 {without[-1]:.1f} ms, among screens {among[-1]:.1f} ms, {answers()} answers"
                )
    rises = sorted(mine - theirs for mine, theirs in zip(among, without, strict=True))
    ours, baseline = (f"p95 {sorted(each)[ROUNDS // 2]:.1f} ms" for each in (among, without))
    what = f"{SCREENS} screens of the console: what they add to a message (p95)"
    yield Result(what, ours, baseline, max(rises[ROUNDS // 2], 0.0), "ms", goal=GOAL_MS, at_least=False)


def _link(ground: Ground) -> str:
    now = ground.installation.clock()
    with ground.sessions.begin() as session:
        link = ConsoleLink(campaign_id=1, made_at=now, made_by="bench", expires_at=now + timedelta(hours=12))
        session.add(link)
        session.flush()
        return path_of(ground.installation.keys, link)


def _late_ms(ground: Ground, port: int) -> float:
    requests = [request(message, port) for message in ground.messages(RATE * LASTS_S)]
    seen = Crowd(port, requests, RATE, is_new).run()
    assert all(one.status == 200 and one.looks for one in seen), "a message that was not answered as new"
    return sorted(one.after_s for one in seen)[int(len(seen) * 0.95)] * 1000


@contextmanager
def _screens(port: int, path: str) -> Iterator[object]:
    """Screens that ask until the block ends; yields what says how many answers they have got."""
    context = multiprocessing.get_context("spawn")
    begun, over, answers = context.Event(), context.Event(), context.Value("i", 0)
    process = context.Process(target=_watch, args=(port, f"{path}/console.json", begun, over, answers), daemon=True)
    process.start()
    try:
        assert begun.wait(_PATIENCE_S), "no screen shows anything"
        yield lambda: answers.value
    finally:
        over.set()
        process.join(_PATIENCE_S)
    assert process.exitcode == 0, "a screen was answered something else"


def _watch(port: int, path: str, begun: Event, over: Event, answers: object) -> None:
    """Ask for the numbers from one screen after the other, each every EVERY_S seconds."""
    screens = [http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE_S) for _ in range(SCREENS)]
    tags, started = [""] * SCREENS, time.monotonic()
    for turn in itertools.count():
        number = turn % SCREENS
        if turn == SCREENS:
            begun.set()
        if over.wait(max(started + turn * EVERY_S / SCREENS - time.monotonic(), 0.0)):
            return
        screens[number].request("GET", path, headers={"If-None-Match": tags[number]} if tags[number] else {})
        answer = screens[number].getresponse()
        answer.read()
        assert answer.status in {200, 304}, answer.status
        tags[number] = answer.headers["ETag"]
        answers.value += 1  # type: ignore[attr-defined]  # a number that processes share
