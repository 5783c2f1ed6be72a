"""An announcement by itself: how far it came always adds up, and from the moment that it is stopped nobody hears it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sending.outbound import Delivered, OutboundMessage, Outcome, Refused, TryAgain, Unknown
from core.timers.execution import fire_chunk
from handlers.calendar.announcements import Progress, last_runs, progress, stop
from handlers.calendar.ticks import run_calendar
from tests.follow_ups.scene import calendar, join, say, timers
from tests.races.crowd import faults
from tests.sending.rig import Desk, Platform, dispatches
from tests.stage import Stage

MORNING = f'name: morning, cron: "0 9 * * *", {say("good")}'
NAMES = [f"p{number}" for number in range(9)]


def _far(stage: Stage) -> Progress:
    with stage.sessions() as session:
        (run,) = last_runs(session, 5)[:1]
        return progress(session, run)


def _ready(stage: Stage) -> Desk:
    stage.publish(calendar(MORNING))
    for name in NAMES:
        join(stage, name)
    stage.wait(hours=21)
    return Desk(stage, Platform())


# how far it came before it was stopped: timers planted, timers fired, texts sent; who hears it
MOMENTS = [
    ("while it is planted", 4, 0, 0),
    ("before it is said", 9, 0, 0),
    ("while it is said", 9, 3, 0),
    ("before it is sent", 9, 9, 0),
    ("while it is sent", 9, 9, 4),
    ("after all", 9, 9, 9),
]


@pytest.mark.parametrize(("planted", "fired", "sent"), [row[1:] for row in MOMENTS], ids=[row[0] for row in MOMENTS])
def test_from_its_stop_on_nobody_hears_it(stage: Stage, planted: int, fired: int, sent: int) -> None:
    desk = _ready(stage)
    runtime = stage.runtime
    if planted < len(NAMES):
        _plant_some(stage, planted)
    else:
        stage.turn_page()
    if fired:
        fire_chunk(runtime, stage.now, fired)
    for _ in range(sent):
        desk.platform.outlet = desk.platform.outlet
        _send_one(desk)
    run = stop(runtime, "snack", "morning", None, stage.now)
    assert run is not None
    before = _far(stage)
    assert (before.run.state, before.total, before.texts["sent"]) == ("stopped", before.run.planted, sent)
    assert before.waiting == 0
    stage.turn_page()
    stage.tick()
    desk.rounds()
    assert len(desk.platform.messages) == sent
    assert _far(stage)[1:] == before[1:]
    assert {one.error for one in dispatches(stage)} <= {"stopped"}
    assert faults(stage) == []


def _send_one(desk: Desk) -> None:
    claimed = desk.account._outlet.at_once
    object.__setattr__(desk.account._outlet, "at_once", 1)
    desk.rounds(1)
    object.__setattr__(desk.account._outlet, "at_once", claimed)


def _plant_some(stage: Stage, count: int) -> None:
    class Killed(Exception): ...

    runtime, calls = stage.runtime, []
    begin = runtime.sessions.begin

    def until(*told, **named):
        calls.append(1)
        if len(calls) == 3:
            raise Killed
        return begin(*told, **named)

    runtime.sessions.begin = until
    with pytest.raises(Killed):
        run_calendar(runtime, stage.now, chunk=count)
    runtime.sessions.begin = begin


def test_a_text_that_was_said_while_it_was_stopped_is_dropped_when_it_would_go(stage: Stage) -> None:
    desk = _ready(stage)
    stage.turn_page()
    stage.tick()
    with stage.sessions.begin() as session:  # its sweep has passed by already
        (run,) = last_runs(session, 1)
        run.state = "stopped"
        session.flush()
    desk.rounds()
    assert desk.platform.messages == []
    assert {(one.state, one.error) for one in dispatches(stage)} == {("dropped", "stopped")}
    assert faults(stage) == []


def test_only_that_one_is_stopped(stage: Stage) -> None:
    stage.publish(calendar(MORNING, MORNING.replace("morning", "other").replace("good", "else")))
    join(stage)
    stage.wait(hours=21)
    stage.turn_page()
    assert stop(stage.runtime, "snack", "nothing", None, stage.now) is None
    assert stop(stage.runtime, "snack", "morning", stage.now, stage.now) is not None
    stage.tick()
    desk = Desk(stage, Platform())
    desk.rounds()
    assert [message.text.split("text=")[1] for message in desk.platform.messages] == ["else"]
    stage.wait(days=1)
    stage.turn_page()
    stage.tick()
    desk.rounds()
    assert len(desk.platform.messages) == 3  # the next one of its job is another announcement
    assert timers(stage) == ["dropped"] + ["fired"] * 3


OUTCOMES = st.sampled_from(
    [Delivered(), TryAgain("busy"), Refused("no"), Refused("gone", unreachable=True), Unknown("lost")]
)


@settings(max_examples=8)
@given(st.lists(OUTCOMES, max_size=12), st.booleans())
def test_what_became_of_it_adds_up_to_what_was_planted(stage: Stage, fates: list[Outcome], stopped: bool) -> None:
    if "snack" not in {each.rules.name for each in _campaigns(stage)}:
        _ready(stage)
    desk = Desk(stage, Platform())
    left = iter(fates)

    def says(_message: OutboundMessage) -> Outcome:
        return next(left, Delivered())

    desk.platform.says = says
    stage.wait(days=1)
    stage.turn_page()
    stage.tick()
    desk.rounds(2)
    if stopped:
        stop(stage.runtime, "snack", "morning", None, stage.now)
    desk.wait(minutes=1)
    desk.rounds()
    far = _far(stage)
    assert (far.total, min(far.texts.values()) >= 0) == (far.run.planted, True)
    assert faults(stage) == []


def _campaigns(stage: Stage):
    with stage.sessions() as session:
        return list(stage.shelf.read(session).values())
