"""Broadcasts, said by an operator: a frozen audience, once each, counted to the end; opt-outs, caps, pause and stop."""

import re

import pytest
from sqlalchemy import select

from core.models import Broadcast, BroadcastMember
from core.operators import Role
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, take_reports
from core.sending.outbound import Delivered, Refused, Unknown
from handlers.broadcasts.ticks import Broadcasting
from handlers.rights.erase import erase_due
from tests.broadcasts.scene import boss, draft, go, members, office, send, tick
from tests.broadcasts.tampering import BROADCASTS_TAMPERING
from tests.scenes import BACKENDS, Scenes, broken
from tests.sending.rig import MARKETING, Desk, Platform, queue
from tests.stage import Stage
from tests.talking import faults, link_up


def heard(platform: Platform) -> list[str]:
    return sorted(message.user for message in platform.messages if message.text in {"Hello from us", "大家好"})


def state_of(stage: Stage, name: str = "spring") -> str:
    with stage.sessions() as session:
        return session.scalars(select(Broadcast.state).where(Broadcast.name == name)).one()


def told(report: str, what: str) -> int:
    found = re.search(rf"^{what}: (\d+)", report, re.MULTILINE)
    assert found, report
    return int(found[1])


def test_an_operator_says_something_once_to_everybody_who_was_there(stage: Stage) -> None:
    office(stage, "a", "b", "c")
    stage.say("stop", by="c")
    assert "There is no broadcast yet" in boss(stage, "/broadcast")
    draft(stage)
    assert "Hello from us" in boss(stage, "/broadcast show spring")
    plan = send(stage)
    assert "It reaches 2 people." in plan
    assert "opted out · 1" in plan
    stage.say(stage.codes(1)[0], by="late")
    desk = Desk(stage, Platform())
    go(stage, desk)
    assert heard(desk.platform) == ["a", "b"]
    assert members(stage) == {("sent", None): 2, ("left_out", "opted_out"): 1}
    assert state_of(stage) == "done"
    stage.wait(minutes=5)
    stage.say("points", by="a")
    stage.say("stop", by="b")
    report = boss(stage, "/broadcast report spring")
    assert (told(report, "members"), told(report, "sent"), told(report, "left out")) == (3, 2, 1)
    assert "answers · 1 · 1" in report
    assert "codes · 0 · 0" in report
    assert "opt outs · 1 · 1" in report
    assert "confirmed before" in boss(stage, "/broadcast text spring Hi")
    assert "1" in boss(stage, "/群发报告 spring")
    assert faults(stage) == []


@pytest.mark.reading
@pytest.mark.parametrize(("speaks", "hint"), [("English", "write it: "), ("中文", "请写：")])
def test_what_still_lacks_a_text_is_written_as_it_is_shown(stage: Stage, speaks: str, hint: str) -> None:
    office(stage, "a")
    stage.say(speaks, by="boss", channel="second")
    boss(stage, "/新建群发 spring snack everybody")
    told = boss(stage, "/群发内容 spring 大家好")
    shown = told.rpartition(hint)[2].strip()
    assert shown == boss(stage, "/发群发 spring").rpartition(hint)[2].strip()
    boss(stage, f"{shown} Hello from us")
    assert re.search(r"/(confirm|确认) \w{4}", boss(stage, "/发群发 spring"))


def test_what_became_of_each_is_in_their_rows(stage: Stage) -> None:
    office(stage, "a", "b", "c", "d")
    draft(stage)
    send(stage)
    outcomes = {
        "a": Delivered(),
        "b": Refused("no_such_user"),
        "c": Unknown("timeout"),
        "d": Refused("x", unreachable=True),
    }
    platform = Platform()
    platform.says = lambda message: outcomes.get(message.user, Delivered())
    go(stage, Desk(stage, platform))
    assert members(stage) == {
        ("sent", None): 1,
        ("failed", "no_such_user"): 1,
        ("unknown", "timeout"): 1,
        ("failed", "x"): 1,
    }
    assert state_of(stage) == "done"
    assert faults(stage) == []


def test_it_waits_for_its_time_and_can_be_held_and_stopped(stage: Stage) -> None:
    office(stage, *"abcdef")
    draft(stage)
    send(stage, more="at=20:00 until=23:00")
    desk = Desk(stage, Platform())
    go(stage, desk)
    assert (heard(desk.platform), members(stage)) == ([], {("waiting", None): 6})
    assert "scheduled" in boss(stage, "/broadcast")
    stage.wait(hours=8)
    tick(stage, times=1, ahead=2)
    assert members(stage) == {("waiting", None): 4, ("queued", None): 2}
    assert "paused now" in boss(stage, "/broadcast pause spring")
    go(stage, desk)
    assert heard(desk.platform) == []
    assert "running now" in boss(stage, "/broadcast resume spring")
    desk.rounds()
    tick(stage, times=1)
    assert len(heard(desk.platform)) == 2
    stopped = boss(stage, "/broadcast stop spring")
    assert (told(stopped, "members"), told(stopped, "sent")) == (6, 2)
    go(stage, desk)
    assert len(heard(desk.platform)) == 2
    assert members(stage) == {("sent", None): 2, ("left_out", "stopped"): 4}
    assert "stopped already" in boss(stage, "/broadcast stop spring")
    assert faults(stage) == []


def test_what_is_written_already_goes_no_more_once_it_is_stopped(stage: Stage) -> None:
    office(stage, "a", "b")
    draft(stage)
    send(stage)
    tick(stage)
    assert members(stage) == {("queued", None): 2}
    assert "is stopped" in boss(stage, "/broadcast stop spring")
    desk = Desk(stage, Platform())
    desk.rounds()
    assert heard(desk.platform) == []
    tick(stage)
    assert members(stage) == {("left_out", "stopped"): 2}
    assert faults(stage) == []


def test_a_crowd_is_written_down_in_chunks_as_of_one_instant(stage: Stage) -> None:
    office(stage, *"abcde")
    draft(stage)
    send(stage, chunk=2)
    stage.wait(seconds=1)
    stage.say(stage.codes(1)[0], by="late")
    Broadcasting(stage.runtime).act(stage.now, chunk=2, ahead=0)
    assert members(stage) == {("waiting", None): 5}
    assert state_of(stage) == "running"
    assert faults(stage) == []


def test_what_a_platform_says_later_counts(stage: Stage) -> None:
    office(stage, "a", "b", "c")
    draft(stage)
    send(stage)
    platform = Platform()
    platform.says = lambda message: Unknown("timeout") if message.user == "c" else Delivered((f"id-{message.user}",))
    go(stage, Desk(stage, platform))
    assert members(stage) == {("sent", None): 2, ("unknown", "timeout"): 1}
    lost = next(message.id for message in platform.messages if message.user == "c" and message.text == "Hello from us")
    take_reports(
        stage.sessions,
        [
            DeliveryReport("test", "main", DeliveryStatus.DELIVERED, ("id-a",)),
            DeliveryReport("test", "main", DeliveryStatus.FAILED, ("id-b",), error="absent"),
            DeliveryReport("test", "main", DeliveryStatus.DELIVERED, dispatch=lost),
        ],
        stage.now,
    )
    tick(stage)
    assert members(stage) == {("delivered", None): 2, ("failed", "receipt:absent"): 1}
    assert faults(stage) == []


def test_what_is_out_of_date_is_left_out(stage: Stage) -> None:
    office(stage, "a")
    draft(stage)
    send(stage, more="until=13:00")
    stage.wait(hours=2)
    go(stage, Desk(stage, Platform()))
    assert members(stage) == {("left_out", "expired"): 1}


def test_nobody_hears_more_than_one_a_day_and_it_is_put_off_once(stage: Stage) -> None:
    office(stage, "a")
    desk = Desk(stage, Platform())
    for name, until in (("one", ""), ("two", ""), ("three", "until=2026-12-02T11:00")):
        draft(stage, name)
        send(stage, name, until)
        go(stage, desk)
    assert [members(stage, name) for name in ("one", "two", "three")] == [
        {("sent", None): 1},
        {("queued", None): 1},
        {("queued", None): 1},
    ]
    assert "heard enough for a day or a week: 1" in boss(stage, "/broadcast report two").replace(" · ", ": ")
    desk.wait(hours=23)
    queue(stage, "a", MARKETING)
    go(stage, desk)
    assert members(stage, "three") == {("left_out", "expired"): 1}
    desk.wait(hours=2)
    go(stage, desk)
    assert members(stage, "two") == {("left_out", "limit"): 1}
    assert len(heard(desk.platform)) == 1
    assert faults(stage) == []


def test_a_person_with_two_addresses_hears_it_once_on_the_channel_that_comes_first(stage: Stage) -> None:
    stage.publish()
    for by, channel in (("a", "test"), ("b", "second")):
        stage.say(stage.codes(1)[0], by=by, channel=channel)
    link_up(stage, ("a", "test"), ("b", "second"))
    stage.appoint(Role.OWNER, channel="second")
    draft(stage)
    assert "none of the campaign's channels" in boss(stage, "/broadcast send spring channels=sms")
    plan = send(stage, more="channels=second channels=test")
    with stage.sessions() as session:
        found = session.execute(select(BroadcastMember.channel, BroadcastMember.state)).all()
    assert [tuple(row) for row in found] == [("second", "waiting")], plan
    assert faults(stage) == []


def test_a_text_is_tried_on_the_operator_first(stage: Stage) -> None:
    office(stage, "a")
    assert "nobody-knows" in boss(stage, "/broadcast new spring snack to nobody-knows")
    draft(stage)
    assert "on its way to you" in boss(stage, "/broadcast test spring")
    assert "Hello from us" in stage.told("boss", channel="second")
    assert boss(stage, "/broadcast stop spring") == "spring was a draft, and is gone."
    assert faults(stage) == []


def test_who_is_erased_is_a_member_whom_nobody_knows(stage: Stage) -> None:
    office(stage, "a", "b")
    draft(stage)
    send(stage)
    for said in ("erase me", "yes"):
        stage.say(said, by="a")
    stage.wait(days=8)
    assert erase_due(stage.runtime, stage.now) == 1
    with stage.sessions() as session:
        keys = set(session.scalars(select(BroadcastMember.address_key)))
    assert stage.key("b") in keys
    assert stage.key("a") not in keys
    assert len(keys) == 2
    tick(stage)
    assert sum(members(stage).values()) == 2
    assert faults(stage) == []


def play_broadcast(stage: Stage) -> None:
    office(stage, "a", "b")
    draft(stage)
    send(stage)
    go(stage, Desk(stage, Platform()))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), BROADCASTS_TAMPERING, ids=[row[0] for row in BROADCASTS_TAMPERING])
def test_tampering_is_found(scenes: Scenes, backend: str, name: str, sql: str, says: str) -> None:
    with scenes.spoiled(backend, play_broadcast, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))
