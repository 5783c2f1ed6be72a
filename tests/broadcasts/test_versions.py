"""Broadcasts in several versions: who hears which, that the best one rolls out by itself, and what stops it."""

import re
from collections import Counter, defaultdict

import pytest
from sqlalchemy import select

from core.models import BroadcastMember, BroadcastTest
from core.sending.outbound import Delivered, Refused
from core.shares import place, share_at
from handlers.broadcasts import deciding
from tests.broadcasts.scene import boss, draft, go, members, office, send, tick
from tests.broadcasts.tampering import VERSIONS_TAMPERING
from tests.operators.test_chat import word_in
from tests.scenes import BACKENDS, Scenes, broken
from tests.sending.rig import Desk, Platform
from tests.stage import Stage
from tests.talking import faults

B_EN, B_ZH = "Hello twice", "大家都好"
PEOPLE = [f"p{number}" for number in range(24)]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of people is enough to decide."""
    monkeypatch.setattr(deciding, "FEWEST_PEOPLE", 1)
    monkeypatch.setattr(deciding, "FEWEST_RESULTS", 1)


def shop(stage: Stage, terms: str = "codes size=6", people: list[str] = PEOPLE) -> None:
    """The draft of a broadcast in two versions, a and b, to ``people``."""
    office(stage)
    stage.take(*(stage.delivery(code, by=by) for by, code in zip(people, stage.codes(len(people)), strict=True)))
    draft(stage)
    assert "version b" in boss(stage, f"/broadcast version spring b language=en {B_EN}")
    assert "say what counts" in boss(stage, f"/broadcast version spring b {B_ZH}")
    assert "count" in boss(stage, f"/broadcast compare spring {terms}")


def heard(platform: Platform) -> dict[str, set[str]]:
    """Who heard which version."""
    found = defaultdict(set)
    for message in platform.messages:
        if (version := {"Hello from us": "a", "大家好": "a", B_EN: "b", B_ZH: "b"}.get(message.text)) is not None:
            assert message.user not in found[version]
            found[version].add(message.user)
    return found


def state_of(stage: Stage) -> BroadcastTest:
    with stage.sessions() as session:
        return session.scalars(select(BroadcastTest)).one()


def arms(stage: Stage) -> Counter[tuple[int | None, int, str]]:
    """How many members are in which part, hear which version, and are in which state."""
    with stage.sessions() as session:
        rows = session.execute(select(BroadcastMember.arm, BroadcastMember.version, BroadcastMember.state))
        return Counter((row[0], row[1], row[2]) for row in rows)


@pytest.mark.usefixtures("small")
def test_the_version_that_does_best_goes_to_the_rest_by_itself(stage: Stage) -> None:
    shop(stage, "codes size=6 hold_out=10")
    plan = send(stage)
    assert re.search(r"About 6 people hear each of a, b; 10 wait for the version that does best, by codes", plan)
    assert "About 2 people hear nothing" in plan
    desk = Desk(stage, Platform())
    go(stage, desk)
    first = heard(desk.platform)
    assert first["a"]
    assert first["b"]
    waits = members(stage)["reserved", None]
    assert waits == 24 - len(first["a"]) - len(first["b"]) - members(stage)["left_out", "hold_out"]
    assert f"waits for the best version: {waits}" in boss(stage, "/broadcast report spring").replace(" · ", ": ")
    stage.wait(hours=1)
    for by in first["b"]:
        stage.say(stage.codes(1)[0], by=by)
    stage.wait(hours=22)
    go(stage, desk)
    assert heard(desk.platform) == first
    stage.wait(hours=1)
    go(stage, desk)
    test = state_of(stage)
    assert (test.state, test.winner, test.decided_by) == ("decided", 2, None)
    then = heard(desk.platform)
    assert then["a"] == first["a"]
    assert len(then["b"]) == len(first["b"]) + waits
    assert "version b did best" in stage.told("boss", channel="second")[-1]
    shown = boss(stage, "/broadcast standings spring")
    assert f"b · {len(first['b'])} · {len(first['b'])} · 100.0 %" in shown
    assert "If both were equally good" in shown
    assert "b, afterwards" in shown
    assert "hears nothing" in shown
    assert "b goes to the rest" in boss(stage, "/broadcast report spring")
    assert "还没" not in boss(stage, "/对比结果 spring")
    assert faults(stage) == []


def test_whoever_is_in_a_part_stays_there(stage: Stage) -> None:
    shop(stage, "codes size=6 hold_out=20")
    send(stage)
    test = state_of(stage)
    with stage.sessions() as session:
        rows = session.execute(
            select(BroadcastMember.player_id, BroadcastMember.arm).order_by(BroadcastMember.player_id)
        )
        parts = {row[0]: row[1] for row in rows}
    assert parts == {player: share_at(place(test.seed, player), test.shares_ppm) for player in parts}
    assert set(parts.values()) == {0, 1, 2, 3}


@pytest.mark.usefixtures("small")
def test_what_a_linked_player_does_counts_for_the_version_that_came_first(stage: Stage) -> None:
    shop(stage, "codes size=12")
    stage.say(stage.codes(1)[0], by="other", channel="second")  # joined before it is sent
    send(stage)
    desk = Desk(stage, Platform())
    go(stage, desk)
    someone = min(heard(desk.platform)["b"])
    stage.wait(minutes=1)
    word = re.search(r"[：:] ?([A-Z0-9]{4}-[A-Z0-9]{4})", stage.say("link", by="other", channel="second"))
    assert word
    stage.say(word[1], by=someone)
    stage.say(stage.codes(1)[0], by="other", channel="second")
    shown = boss(stage, "/broadcast standings spring")
    assert re.search(r"^b · \d+ · 1 ·", shown, re.MULTILINE), shown
    assert re.search(r"^a · \d+ · 0 ·", shown, re.MULTILINE), shown
    assert faults(stage) == []


def test_an_operator_is_asked_when_versions_are_lost_and_chooses(stage: Stage, small: None) -> None:
    shop(stage, "answers size=8")
    send(stage)
    platform = Platform()
    platform.says = lambda message: Refused("no") if message.text in {B_EN, B_ZH} else Delivered()
    desk = Desk(stage, platform)
    go(stage, desk)
    stage.wait(minutes=1)
    stage.say("points", by=min(heard(platform)["a"]))
    stage.wait(hours=24)
    go(stage, desk)
    test = state_of(stage)
    assert (test.state, "uneven" in test.why) == ("asking", True)
    assert "more of one were lost than chance explains" in stage.told("boss", channel="second")[-1]
    told = len(stage.told("boss", channel="second"))
    tick(stage)
    assert len(stage.told("boss", channel="second")) == told
    assert "none of its versions" in boss(stage, "/broadcast choose spring c")
    plan = boss(stage, "/broadcast choose spring a")
    assert "people who waited" in boss(stage, f"/confirm {word_in(plan)}")
    go(stage, desk)
    assert not members(stage)["reserved", None]
    assert "nobody who waits" in boss(stage, "/broadcast choose spring b")
    assert "Li Na chose a" in boss(stage, "/broadcast standings spring")
    assert faults(stage) == []


def test_too_few_people_are_told_of_before_and_nothing_is_decided_by_itself(stage: Stage) -> None:
    shop(stage)
    assert "you will be asked" in send(stage)
    desk = Desk(stage, Platform())
    go(stage, desk)
    stage.wait(hours=25)
    go(stage, desk)
    assert state_of(stage).why == ["few_people", "few_results"]
    assert members(stage)["reserved", None]
    assert "is stopped" in boss(stage, "/broadcast stop spring")
    tick(stage)
    assert not members(stage)["reserved", None]
    assert faults(stage) == []


@pytest.mark.usefixtures("small")
def test_a_planned_look_sends_what_is_far_ahead_sooner(stage: Stage) -> None:
    shop(stage, "codes size=10 looks=5 lasts=10")
    send(stage)
    desk = Desk(stage, Platform())
    go(stage, desk)
    stage.wait(hours=2)
    go(stage, desk)
    assert (state_of(stage).state, state_of(stage).looked) == ("testing", 1)
    for by in heard(desk.platform)["a"]:
        stage.say(stage.codes(1)[0], by=by)
    stage.wait(hours=1)
    go(stage, desk)
    assert state_of(stage).state == "testing"  # between two looks nobody looks
    stage.wait(hours=1)
    go(stage, desk)
    assert (state_of(stage).winner, state_of(stage).why) == (1, ["ahead"])


def test_a_hold_out_needs_no_versions(stage: Stage) -> None:
    office(stage, *"abcdef")
    draft(stage)
    assert "nobody who waits" in boss(stage, "/broadcast choose spring a")
    boss(stage, "/broadcast compare spring codes hold_out=50")
    assert "hear nothing" in send(stage)
    desk = Desk(stage, Platform())
    go(stage, desk)
    found = members(stage)
    assert found["left_out", "hold_out"] + found["sent", None] == 6
    assert 0 < found["sent", None] < 6
    stage.wait(minutes=1)
    stage.say(stage.codes(1)[0], by=min(heard(desk.platform)["a"]))
    shown = boss(stage, "/broadcast standings spring")
    assert re.search(r"^a · \d · 1 · .* · \+\d+$", shown, re.MULTILINE), shown
    assert "hears nothing, to compare" in boss(stage, "/broadcast report spring")
    assert faults(stage) == []


@pytest.mark.reading
def test_what_cannot_be_compared_is_refused(stage: Stage) -> None:
    office(stage, "p")
    draft(stage)
    assert "a is the text that it has anyway" in boss(stage, "/broadcast version spring a Hi")
    boss(stage, f"/broadcast version spring b {B_EN}")
    assert "say first what counts" in boss(stage, "/broadcast send spring")
    assert "nothing that is counted" in boss(stage, "/broadcast compare spring likes")
    assert "nobody can do that in snack" in boss(stage, "/broadcast compare spring purchases")
    boss(stage, "/broadcast compare spring codes")
    assert "version b of spring has no text yet in: zh" in boss(stage, "/broadcast send spring")
    boss(stage, f"/broadcast version spring b {B_ZH}")
    assert "too few" in boss(stage, "/broadcast send spring")
    assert "news no more" in boss(stage, "/broadcast send spring until=18:00")
    assert "b en" in boss(stage, "/broadcast show spring")
    assert "no version c" in boss(stage, "/broadcast drop spring c")
    assert "no version b any more" in boss(stage, "/broadcast drop spring b")
    assert "has no test that has begun" in boss(stage, "/broadcast standings spring")
    assert "is gone" in boss(stage, "/broadcast stop spring")


def play_test(stage: Stage) -> None:
    shop(stage, "codes size=6 hold_out=20")
    send(stage)
    go(stage, Desk(stage, Platform()))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("name", "sql", "says"), VERSIONS_TAMPERING, ids=[row[0] for row in VERSIONS_TAMPERING])
def test_tampering_is_found(scenes: Scenes, backend: str, name: str, sql: str, says: str) -> None:
    with scenes.spoiled(backend, play_test, sql) as connection:
        assert any(check.startswith(says) for check in broken(connection))
