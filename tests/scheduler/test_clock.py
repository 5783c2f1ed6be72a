"""The clock: ticks that act, that survive their own failure, and that keep nothing."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from core.models import Player
from handlers import MECHANICS
from scheduler.clock import Firing, Tick, start_ticks, ticks
from tests.relay.torchbearers import RELAY
from tests.stage import CAMPAIGN, Stage

PATIENCE_S = 60


def test_a_tick_acts_again_after_it_failed() -> None:
    acted, calls = threading.Event(), []

    def act() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError
        acted.set()

    clock = start_ticks((Tick("try", timedelta(seconds=0.05), act),))
    try:
        assert acted.wait(PATIENCE_S)
    finally:
        clock.shutdown()
    assert len(calls) > 1


def test_the_installations_ticks_expire_points(stage: Stage) -> None:
    stage.publish(CAMPAIGN.replace("draw:", "points: {expire: 2 days}\ndraw:"))
    stage.say(stage.codes(1)[0])
    stage.wait(days=3)
    (expire,) = [tick for tick in ticks(stage.runtime, lambda: stage.now) if tick.name == "expire_points"]
    assert expire.act() == 1
    with stage.sessions() as session:
        assert session.scalars(select(Player.points)).all() == [0]


@pytest.mark.parametrize("name", ["coalesce", "max_instances", "misfire_grace_time"])
def test_every_tick_says_what_happens_when_it_is_late(name: str) -> None:
    clock = start_ticks((Tick("late", timedelta(hours=1), lambda: None),))
    try:
        (job,) = clock.get_jobs()
        assert getattr(job, name) in {True, 3600}
    finally:
        clock.shutdown()


def test_a_clock_that_stops_leaves_the_rest_to_the_next_one(stage: Stage) -> None:
    stage.publish(RELAY)
    stage.say("torch")
    stage.wait(hours=1)
    stopped = Firing(stage.runtime, lambda: stage.now)
    stopped.stopping.set()
    assert stopped() == 0
    assert Firing(stage.runtime, lambda: stage.now)() == 3


def test_a_clock_that_has_nothing_to_do_writes_nothing(stage: Stage) -> None:
    stage.publish(RELAY)
    stage.say("torch")
    looked = [tick for tick in ticks(stage.runtime, lambda: stage.now) if tick.every.seconds < 3600]
    for tick in looked:
        for _ in MECHANICS.ages if tick.name == "age_rows" else [tick]:
            tick.act()  # what there is to do after the torch; each table may take an act of its own
    said: list[str] = []
    event.listen(stage.database, "before_cursor_execute", lambda *about: said.append(about[2]))
    for tick in looked:
        tick.act()
    assert len([each for each in said if each.startswith("SELECT")]) > 4
    assert [
        each for each in said if "IMMEDIATE" in each or "FOR " in each or not each.startswith(("SELECT", "BEGIN"))
    ] == []
