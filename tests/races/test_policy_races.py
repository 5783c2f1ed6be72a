"""Who sends, fires, plants and stops at one moment: limits of a person hold, and what is stopped goes to nobody.

Where it can be, one of two stands before its COMMIT while the other one acts: no luck is needed to see it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select, update

from core.engine.runtime import Runtime
from core.models import Address, CalendarRun, OutboundJob, Touch
from core.sending import claim as claiming
from core.sending.backoff import Backoff, RetryPolicy
from core.sending.claim import Claimed, claim
from core.sending.outbound import Delivered, SendingAccount
from core.sending.settle import settle
from core.timers.execution import fire_due
from handlers.calendar.announcements import Progress, last_runs, progress, stop
from handlers.calendar.ticks import _claim, _find, run_calendar
from tests.follow_ups.scene import calendar, follow_ups, join, say
from tests.races.crowd import PATIENCE_S, Crowd, Part, faults
from tests.races.shop import url_of
from tests.races.test_locks import Other, all_wait
from tests.sending.rig import MARKETING, OUTLET, queue
from tests.stage import Stage
from tests.talking import link_up

TEST, SECOND = OUTLET, SendingAccount("second", "main", OUTLET.rate)
LIMITED = follow_ups(f"name: again, when: 24h after first contact, {say('again')}", limits="per_day: 1")
MORNING = f'name: morning, cron: "0 9 * * *", {say("good")}'
PEOPLE = [f"u{number}" for number in range(6)]


@contextmanager
def before_commit(arena: Stage, act: Callable[[], Any]) -> Iterator[Other]:
    """``act`` in a thread of its own, which stands before its COMMIT until this ends."""
    gate, there = threading.Event(), threading.Event()
    one = Other(act)

    def wait(_connection: object) -> None:
        if threading.current_thread() is one:
            there.set()
            assert gate.wait(PATIENCE_S)

    event.listen(arena.database, "commit", wait)
    try:
        one.start()
        assert there.wait(PATIENCE_S)
        yield one
    finally:
        gate.set()
        one.join(PATIENCE_S)
        event.remove(arena.database, "commit", wait)


def _advertise(arena: Stage, by: str, channel: str) -> None:
    queue(arena, by, MARKETING, channel=channel)
    with arena.sessions.begin() as session:
        session.execute(update(OutboundJob).where(OutboundJob.category == MARKETING).values(campaign_id=1))


def _twice(arena: Stage, *people: str) -> None:
    """Players with two addresses each, and an advertisement for each address."""
    for by in people:
        join(arena, by)
        join(arena, by, channel="second")
        assert link_up(arena, (by, "test"), (by, "second")).startswith("link.linked")
        for channel in ("test", "second"):
            _advertise(arena, by, channel)


def _taken(arena: Stage, outlet: SendingAccount) -> int:
    """How much marketing may go now by ``outlet``."""
    return _marketing(claim(arena.sessions, arena.keys, outlet, arena.now, 99))


def _marketing(claimed: Claimed) -> int:
    return sum(each.category is MARKETING for each in claimed.taken)


@pytest.mark.parametrize("outlets", [(TEST, SECOND), (SECOND, TEST)], ids=["test first", "second first"])
def test_two_addresses_of_a_person_are_not_written_to_at_one_moment(
    arena: Stage, outlets: tuple[SendingAccount, SendingAccount]
) -> None:
    arena.publish(LIMITED)
    _twice(arena, *PEOPLE)
    one, other = outlets
    with before_commit(arena, lambda: _taken(arena, one)) as first:
        assert _taken(arena, other) == 0
    assert (first.result, _taken(arena, other)) == (len(PEOPLE), 0)
    with arena.sessions() as session:
        waits = select(func.count()).where(OutboundJob.channel == other.channel, OutboundJob.error == "limit")
        assert session.scalar(waits) == len(PEOPLE)
    assert faults(arena) == []


def _send(runtime: Runtime, outlet: SendingAccount, at: datetime) -> int:
    """Send what may go, until nothing does for a while; how much of it was marketing."""
    sent, quiet = 0, 0
    while quiet < 5:
        claimed = claim(runtime.sessions, runtime.keys, outlet, at, 2)
        quiet = 0 if claimed.taken else quiet + 1
        settle(
            runtime.sessions,
            runtime.keys,
            RetryPolicy(outlet, Backoff(), runtime.randomness),
            [(each, Delivered()) for each in claimed.taken],
            at,
        )
        sent += _marketing(claimed)
    return sent


def test_the_limit_of_a_person_holds_over_all_senders(arena: Stage, crowd: Crowd) -> None:
    arena.publish(LIMITED)
    _twice(arena, *PEOPLE)
    sent = crowd.race(url_of(arena), [Part(_send, (outlet, arena.now)) for outlet in (TEST, SECOND)] * 2)
    assert sum(sent) == len(PEOPLE)
    with arena.sessions() as session:
        touched = select(Address.person, func.count()).join(Touch, Touch.address_key == Address.key)
        assert {row[1] for row in session.execute(touched.group_by(Address.person))} == {1}
    assert faults(arena) == []


def test_a_link_that_is_made_while_a_text_is_taken_counts(arena: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read of an address before it was locked is read again."""
    arena.publish(LIMITED)
    for channel in ("test", "second"):
        join(arena, channel=channel)
        _advertise(arena, "u1", channel)
    assert _taken(arena, SECOND) == 1
    undisturbed = claiming._undisturbed

    def after_the_link(*told: Any) -> Any:
        monkeypatch.undo()
        assert link_up(arena, ("u1", "test"), ("u1", "second")).startswith("link.linked")
        return undisturbed(*told)

    monkeypatch.setattr(claiming, "_undisturbed", after_the_link)
    assert _taken(arena, TEST) == 0
    with arena.sessions() as session:
        assert session.scalars(select(OutboundJob.error).where(OutboundJob.channel == "test")).all() == ["limit"]


def test_who_says_stop_and_start_while_a_text_is_taken_is_no_fault(
    arena: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    arena.publish(LIMITED)
    join(arena)
    _advertise(arena, "u1", "test")
    arena.say("stop")
    undisturbed = claiming._undisturbed

    def after_the_start(*told: Any) -> Any:
        monkeypatch.undo()
        arena.wait(seconds=1)
        arena.say("start")
        return undisturbed(*told)

    monkeypatch.setattr(claiming, "_undisturbed", after_the_start)
    assert _taken(arena, TEST) == 1
    assert faults(arena) == []


def _morning(arena: Stage, *, planted: bool = True) -> None:
    arena.publish(calendar(MORNING))
    for by in PEOPLE:
        join(arena, by)
    arena.wait(hours=21)
    if planted:
        arena.turn_page()


def _stop(arena: Stage) -> Progress:
    """Stop the announcement; how far it had come when that was done."""
    assert stop(arena.runtime, "snack", "morning", None, arena.now) is not None
    return _far(arena)


def _far(arena: Stage) -> Progress:
    with arena.sessions() as session:
        (run,) = last_runs(session, 1)
        return progress(session, run)


def _stopped_while(arena: Stage, act: Callable[[], Any]) -> tuple[Progress, Any]:
    """Stop it while ``act`` stands before its COMMIT; how far it came by what the stop says, and what ``act`` did."""
    stopping = Other(lambda: _stop(arena))
    with before_commit(arena, act) as acting:
        stopping.start()
        assert all_wait(arena, [stopping]), stopping.result
    stopping.join(PATIENCE_S)
    assert isinstance(stopping.result, Progress), stopping.result
    return stopping.result, acting.result


# what somebody does when it is stopped; of what they did: how many timers are dropped then, and what becomes of texts
STOPPED = [
    ("a clock plants it", "plant", 6, {}),
    ("a clock says it", "fire", 0, {"dropped": 6}),
    ("a sender takes some", "take", 0, {"dropped": 4, "sending": 2}),
]


@pytest.mark.parametrize(("doing", "needless", "texts"), [row[1:] for row in STOPPED], ids=[row[0] for row in STOPPED])
def test_a_stop_waits_for_whoever_is_at_it_and_tells_how_far_it_came(
    arena: Stage, doing: str, needless: int, texts: dict[str, int]
) -> None:
    _morning(arena, planted=doing != "plant")
    runtime = arena.runtime
    if doing == "plant":
        _claim(runtime, _find(runtime, arena.now))
    if doing == "take":
        arena.tick()
    acts: dict[str, Callable[[], Any]] = {
        "plant": lambda: run_calendar(runtime, arena.now),
        "fire": lambda: fire_due(runtime, arena.now),
        "take": lambda: len(claim(arena.sessions, arena.keys, TEST, arena.now, 2).taken),
    }
    told, _ = _stopped_while(arena, acts[doing])
    assert (told.waiting, told.needless, told.failed) == (0, needless, 0)
    assert {state: count for state, count in told.texts.items() if count} == texts
    assert (told.total, told.run.state) == (told.run.planted, "stopped")
    arena.turn_page()
    arena.tick()
    assert _taken(arena, TEST) == 0
    assert _far(arena)[1:] == told[1:]
    assert faults(arena) == []


def _stop_it(runtime: Runtime, at: datetime) -> tuple[int, int, int]:
    run = stop(runtime, "snack", "morning", None, at)
    assert run is not None
    with runtime.sessions() as session:
        told = progress(session, session.get_one(CalendarRun, (run.campaign_id, run.job, run.scheduled_at)))
    return told.total - told.run.planted, told.waiting + told.texts.get("due", 0), _gone(told)


def _gone(told: Progress) -> int:
    return told.texts.get("sending", 0) + told.texts["sent"]


def _clock(runtime: Runtime, at: datetime) -> int:
    return run_calendar(runtime, at, chunk=1) + fire_due(runtime, at, chunk=1)


def test_after_a_stop_in_the_midst_of_it_nothing_more_is_sent(arena: Stage, crowd: Crowd) -> None:
    _morning(arena)
    parts = [Part(_stop_it, (arena.now,)), Part(_clock, (arena.now,)), *[Part(_send, (TEST, arena.now))] * 2]
    (missing, waiting, gone), _, *sent = crowd.race(url_of(arena), parts)
    told = _far(arena)
    assert (missing, waiting, gone) == (0, 0, sum(sent))
    assert (_gone(told), told.total, told.waiting) == (gone, told.run.planted, 0)
    assert faults(arena) == []
