"""Timers: never early, never twice, dropped when the reason has gone; one that fails spoils nobody else's."""

import pytest
from sqlalchemy import select

from core.context import TurnRows
from core.models import Timer
from core.timers.execution import fire_due
from core.timers.kinds import TimerKind
from core.timers.retry import try_again
from handlers import MECHANICS
from handlers.claims.tables import Claim
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import buy, buy_all, faults, keys_of, play, states


def _buyers(stage: Stage, count: int) -> Stage:
    """So many players have bought a mug at one instant, and said nothing of where it goes."""
    stage.publish(SNACK.replace("price: 20 points, stock: 2", "price: 10 points, stock: 200"))
    buy_all(stage, "mug", count)
    return stage


def _timers(stage: Stage, kind: str = "claim.remind") -> list[str]:
    with stage.sessions() as session:
        return sorted(session.scalars(select(Timer.state).where(Timer.kind == kind)))


def test_many_that_are_due_at_once_all_fire_once(stage: Stage) -> None:
    _buyers(stage, 30)
    stage.wait(days=8, microseconds=-1)
    assert stage.tick() == 0
    stage.wait(microseconds=1)
    assert fire_due(stage.runtime, stage.now, chunk=7) == 30
    assert stage.tick() == 0
    assert all(sum("claim.reminder" in text for text in stage.told(f"p{n}")) == 1 for n in range(30))
    assert faults(stage) == []


def test_ticks_that_were_missed_are_caught_up_without_a_stale_reminder(stage: Stage) -> None:
    _buyers(stage, 2)
    stage.wait(days=60)
    assert stage.tick() == 4
    assert _timers(stage) == ["dropped", "dropped"]
    assert states(stage) == ["lapsed", "lapsed"]
    assert not any("claim.reminder" in text for text in stage.told("p0"))
    assert faults(stage) == []


def test_a_clock_that_jumps_back_fires_nothing_again(stage: Stage) -> None:
    _buyers(stage, 1)
    stage.wait(days=8)
    assert stage.tick() == 1
    stage.wait(days=-8)
    assert stage.tick() == 0
    stage.wait(days=8)
    assert stage.tick() == 0
    assert faults(stage) == []


@pytest.mark.parametrize("broken", [0, 3, 5])
def test_one_that_fails_is_kept_for_an_operator_and_spoils_nobody(stage: Stage, broken: int) -> None:
    _buyers(stage, 6)
    with stage.sessions() as session:
        victim = sorted(session.scalars(select(Claim.id)))[broken]

    def fire(rows: TurnRows, timer: Timer, at) -> bool:
        if timer.subject == str(victim):
            raise ZeroDivisionError("broken")
        return MECHANICS.timers["claim.remind"].fire(rows, timer, at)

    stage.timers = {
        **MECHANICS.timers,
        "claim.remind": TimerKind("claim.remind", MECHANICS.timers["claim.remind"].load, fire),
    }
    stage.wait(days=8)
    assert fire_due(stage.runtime, stage.now) == 6
    assert _timers(stage) == ["failed", *["fired"] * 5]
    with stage.sessions() as session:
        (failed,) = session.scalars(select(Timer).where(Timer.state == "failed"))
        assert (failed.subject, failed.error and failed.error.startswith("ZeroDivisionError at ")) == (
            str(victim),
            True,
        )
    assert sum("claim.reminder" in text for n in range(6) for text in stage.told(f"p{n}")) == 5
    with stage.sessions.begin() as session:
        assert try_again(session) == 1
    stage.timers = MECHANICS.timers
    assert stage.tick() == 1
    assert sum("claim.reminder" in text for n in range(6) for text in stage.told(f"p{n}")) == 6
    assert faults(stage) == []


def test_what_was_bought_and_said_needs_no_reminder(stage: Stage) -> None:
    _buyers(stage, 1)
    for text in ("Anna Lee", "13800138000", "12 King Street", "yes"):
        told = stage.say(text, by="p0")
    assert keys_of(told) == ["claim.ready"]
    stage.wait(days=8)
    assert stage.tick() == 1
    assert _timers(stage) == ["dropped"]
    assert faults(stage) == []


def test_a_second_gift_has_timers_of_its_own(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    stage.give(30)
    assert "claim.counter" in buy(stage, "bag")
    stage.wait(days=1)
    assert "claim.counter" in buy(stage, "bag")
    stage.wait(days=7)
    assert (stage.tick(), stage.tick()) == (1, 0)
    stage.wait(days=1)
    assert stage.tick() == 1
    assert faults(stage) == []
