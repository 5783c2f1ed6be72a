"""Several clocks at once: every follow-up and every announcement is said once, and the limits hold over all of them."""

from collections import Counter
from datetime import datetime

from core.blame import may_pass_when_retried
from core.engine.delivery import delivery
from core.engine.failures import take_turn_safely
from core.engine.runtime import Runtime
from core.messages import InboundMessage
from core.models import Timer
from core.timers.execution import fire_due
from handlers.calendar.ticks import run_calendar
from tests.follow_ups.scene import campaign, join, runs, say, timers, unasked
from tests.races.crowd import PROCESSES, Crowd, Part, count, faults, wait_for_the_others
from tests.races.shop import url_of
from tests.stage import Stage

PLAYERS = [f"p{number:02}" for number in range(24)]
RULES = f"""
follow_ups:
  - {{name: one, when: 20h after first contact, {say("one")}}}
  - {{name: two, when: 21h after first contact, {say("two")}}}
calendar:
  - {{name: morning, cron: "0 9 * * *", {say("good")}}}
"""


def _clock(runtime: Runtime, at: datetime) -> int:
    """Tick as a clock does until nothing is left: what may pass is tried again."""
    planted, quiet = 0, 0
    while quiet < 3:
        try:
            planted += run_calendar(runtime, at, chunk=5)
            quiet = 0 if fire_due(runtime, at, chunk=4) else quiet + 1
        except Exception as error:
            if not may_pass_when_retried(error):
                raise
    return planted


def test_many_clocks_say_everything_once(arena: Stage, crowd: Crowd) -> None:
    arena.publish(campaign(RULES))
    for by in PLAYERS:
        join(arena, by)
    arena.wait(hours=21)
    planted = crowd.race(url_of(arena), [Part(_clock, (arena.now,))] * PROCESSES)
    assert sum(planted) == len(PLAYERS)
    assert runs(arena) == [("morning", "12-02 01:00", "done", len(PLAYERS))]
    assert {tuple(sorted(unasked(arena, by))) for by in PLAYERS} == {("good", "one", "two")}
    assert faults(arena) == []


def test_the_limit_holds_over_all_clocks(arena: Stage, crowd: Crowd) -> None:
    arena.publish(campaign(f"{RULES}follow_up_limits: {{per_day: 1}}\n"))
    for by in PLAYERS:
        join(arena, by)
    arena.wait(hours=21)
    crowd.race(url_of(arena), [Part(_clock, (arena.now,))] * PROCESSES)
    assert {len(unasked(arena, by)) for by in PLAYERS} == {1}
    assert Counter(timers(arena))["fired"] == len(PLAYERS)
    assert count(arena, Timer, Timer.state == "due", Timer.due_at <= arena.now) == 0
    assert faults(arena) == []


def _speak(runtime: Runtime, names: list[str], at: datetime, parties: int) -> None:
    wait_for_the_others(parties)
    for name in names:
        _say(runtime, name, at)


def _say(runtime: Runtime, name: str, at: datetime) -> None:
    message = InboundMessage.received(("test", "main", name), "late word", "points", at, waits=True)
    take_turn_safely(runtime, [delivery(message, runtime.keys)], pause=lambda _seconds: None)


def _fire(runtime: Runtime, at: datetime, parties: int) -> int:
    wait_for_the_others(parties)
    return _clock(runtime, at)


def test_a_word_and_the_clock_at_one_moment(arena: Stage, crowd: Crowd) -> None:
    """Either the word came first and nobody is missed, or the clock did; never half of both."""
    arena.publish(campaign(f"\nfollow_ups:\n  - {{name: miss, when: 1 day after last word, {say('miss')}}}\n"))
    for by in PLAYERS:
        join(arena, by)
    arena.wait(days=1)
    speaking = [Part(_speak, (PLAYERS[start::2], arena.now, 4)) for start in (0, 1)]
    crowd.race(url_of(arena), [*speaking, *[Part(_fire, (arena.now, 4))] * 2])
    for by in PLAYERS:
        assert len(unasked(arena, by)) <= 1
    assert Counter(timers(arena))["fired"] == sum(len(unasked(arena, by)) for by in PLAYERS)
    arena.wait(days=1)
    arena.tick()
    assert {len(unasked(arena, by)) for by in PLAYERS} == {1}
    assert faults(arena) == []
