"""Timers that were set under one version of the rules and fire under another read today's rule."""

import pytest
from sqlalchemy import func, select

from core.models import Timer
from handlers.claims.tables import SecondDraw
from tests.follow_ups.scene import follow_ups, unasked
from tests.relay.torchbearers import RELAY, begin
from tests.snack import SURE
from tests.stage import Stage
from tests.talking import faults, play, states

pytestmark = pytest.mark.reading


STOCK = SURE.replace("stock: 10,", "stock: 1,")
SECOND = STOCK.replace("unclaimed: stock", "unclaimed: second draw")


@pytest.mark.parametrize(("first", "then", "drawn"), [(STOCK, SECOND, 1), (SECOND, STOCK, 0)], ids=["more", "less"])
def test_an_unclaimed_prize_is_drawn_again_as_the_file_says_now(
    stage: Stage, first: str, then: str, drawn: int
) -> None:
    stage.publish(first)
    for by in ("u1", "u2", "u3"):
        play(stage, by)
    stage.publish(then)
    stage.wait(days=10)
    stage.tick()
    assert sorted(states(stage)) == ["lapsed"] + ["open"] * drawn
    told = [text for by in ("u1", "u2", "u3") for text in stage.told(by)]
    assert sum("claim.second" in text for text in told) == drawn
    assert sum(text.startswith("claim.lapsed") for text in told) == 1
    with stage.sessions() as session:
        assert session.scalar(select(func.count()).select_from(SecondDraw)) == drawn
    assert faults(stage) == []
    assert stage.tick() == 0


def _heard(stage: Stage, key: str, *hours: float, by: str = "u1") -> list[int]:
    """How often ``by`` had heard the text ``key`` after each of ``hours``."""
    heard, passed = [], 0.0
    for each in hours:
        stage.wait(hours=each - passed)
        stage.tick()
        heard.append(sum(text.startswith(key) for text in stage.told(by)))
        passed = each
    return heard


@pytest.mark.parametrize(
    ("remind", "heard"),
    [("[2 days]", [1, 1]), ("[1 day]", [0, 1]), ("[3 days]", [1, 1]), ("[]", [0, 0])],
)
def test_a_claim_is_reminded_of_when_the_file_says_now(stage: Stage, remind: str, heard: list[int]) -> None:
    stage.publish(SURE)
    play(stage)
    stage.publish(SURE.replace("remind: [2 days]", f"remind: {remind}"))
    assert _heard(stage, "claim.reminder", 24 * 8 + 1, 24 * 9 + 1) == heard
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("remind", "heard"), [("[5m, 8m]", [1, 2]), ("[8m]", [0, 1]), ("[8m, 9m]", [0, 2]), ("[]", [0, 0])]
)
def test_a_torch_is_reminded_of_when_the_file_says_now(stage: Stage, remind: str, heard: list[int]) -> None:
    stage.publish(RELAY)
    begin(stage, "u1")
    stage.publish(RELAY.replace("remind: [5m, 8m]", f"remind: {remind}"))
    assert _heard(stage, "relay.remind", 6 / 60, 9.5 / 60) == heard
    assert faults(stage) == []


def test_a_torch_may_be_lit_anew_when_the_file_says_now(stage: Stage) -> None:
    stage.publish(RELAY)
    begin(stage, "u1")
    stage.wait(minutes=10)
    stage.tick()
    stage.publish(RELAY.replace("relight: {after: 1h", "relight: {after: 2h"))
    assert _heard(stage, "relay.may_relight", 1.5, 2.5) == [0, 1]
    assert faults(stage) == []


@pytest.mark.parametrize(("after", "heard"), [("24h", [1, 1]), ("48h", [0, 1]), ("12h", [1, 1])])
def test_a_follow_up_comes_when_the_file_says_now(stage: Stage, after: str, heard: list[int]) -> None:
    rule = "name: hello, when: 24h after first contact, say: {zh: 来, en: come}"
    stage.publish(follow_ups(rule))
    play(stage)
    stage.publish(follow_ups(rule.replace("24h", after)))
    assert _heard(stage, "follow_up.said", 25, 49) == heard
    assert len(unasked(stage)) == 1
    assert faults(stage) == []


RULES = ("first contact", "last word", "first code", "win")
WON = SURE + "follow_ups:\n  - {name: after, when: 24h after %s, say: {zh: 来, en: come}}\n"


@pytest.mark.parametrize("event", RULES)
def test_a_follow_up_that_comes_later_is_said_to_whoever_plays_already_and_once(stage: Stage, event: str) -> None:
    stage.publish(SURE)
    play(stage)
    stage.wait(hours=20)
    stage.publish(WON % event)
    assert _heard(stage, "follow_up.said", 0.1, 3, 5, 49) == [0, 0, 1, 1]
    play(stage, "u2")
    assert _heard(stage, "follow_up.said", 23, 25, by="u2") == [0, 1]
    assert faults(stage) == []


@pytest.mark.parametrize("event", RULES)
def test_what_would_have_been_due_before_its_rule_is_not_made_up_for(stage: Stage, event: str) -> None:
    stage.publish(SURE)
    play(stage)
    stage.wait(hours=24)
    stage.publish(WON % event)
    assert _heard(stage, "follow_up.said", 0.1, 25) == [0, 0]
    assert faults(stage) == []


@pytest.mark.parametrize(("event", "lit"), [("torch out", False), ("torch lit", True)])
def test_a_follow_up_that_comes_later_counts_from_torches_of_before(stage: Stage, event: str, lit: bool) -> None:
    stage.publish(RELAY)
    word = begin(stage, "u1")
    stage.wait(minutes=9)
    if lit:
        stage.say(word, by="friend")
    stage.wait(minutes=2)
    stage.tick()
    stage.publish(RELAY + f"follow_ups:\n  - {{name: after, when: 3h after {event}, say: {{zh: 来, en: come}}}}\n")
    assert _heard(stage, "follow_up.said", 2, 3.5, 9) == [0, 1, 1]
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("remind", "heard"),
    [
        ("[5m, 8m, 9m]", [1, 2, 3]),
        ("[3m, 9m]", [0, 0, 1]),
        ("[3m]", [1, 1, 1]),
        ("[2m, 3m, 6m, 7m]", [0, 2, 2]),
        ("[4m, 5m, 8m]", [1, 2, 2]),
    ],
)
def test_a_torch_that_burns_already_is_reminded_of_by_the_new_rule_alone(
    stage: Stage, remind: str, heard: list[int]
) -> None:
    stage.publish(RELAY)
    begin(stage, "u1")
    stage.wait(minutes=4.2)
    stage.publish(RELAY.replace("remind: [5m, 8m]", f"remind: {remind}"))
    stage.tick()
    assert _heard(stage, "relay.remind", 1 / 60, 4 / 60, 5.2 / 60) == heard
    assert faults(stage) == []


def test_a_torch_that_went_out_may_be_lit_anew_by_a_rule_that_comes_later(stage: Stage) -> None:
    without = RELAY.replace("  relight: {after: 1h, times: 2}\n", "")
    stage.publish(without)
    begin(stage, "u1")
    stage.wait(minutes=10)
    stage.tick()
    stage.publish(RELAY)
    assert _heard(stage, "relay.may_relight", 0.5, 1.5, 3) == [0, 1, 1]
    begin(stage, "u2")
    stage.wait(minutes=10)
    stage.tick()
    stage.publish(without)
    assert _heard(stage, "relay.may_relight", 3, by="u2") == [0]
    assert faults(stage) == []


def test_a_claim_is_reminded_of_once_more_by_a_rule_that_comes_later(stage: Stage) -> None:
    stage.publish(SURE)
    play(stage)
    stage.publish(SURE.replace("remind: [2 days]", "remind: [5 days, 2 days, 1 day]"))
    assert _heard(stage, "claim.reminder", 24 * 5 + 1, 24 * 8 + 1, 24 * 9 + 1) == [1, 2, 3]
    assert faults(stage) == []


def test_timers_are_planted_in_chunks_and_twice_make_no_more(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.timers.reschedule.CHUNK", 2)
    stage.publish(SURE)
    for number in range(5):
        play(stage, f"u{number}")
    stage.publish(WON % "first contact")
    assert [stage.tick(), stage.tick()] == [3, 0]
    with stage.sessions.begin() as session:
        (one, *others) = session.scalars(select(Timer).where(Timer.kind == "follow-up"))
        assert len(others) == 4
        session.delete(one)  # as a turn that began under the older version leaves it
    stage.wait(minutes=1)
    assert stage.tick() == 3
    stage.publish(SURE)
    stage.publish(WON % "first contact")
    stage.wait(minutes=1)
    stage.tick()
    stage.wait(days=2)
    stage.tick()
    assert [sum("follow_up.said" in text for text in stage.told(f"u{number}")) for number in range(5)] == [1] * 5
    assert faults(stage) == []


def test_rules_that_tell_no_other_time_plant_nothing(stage: Stage) -> None:
    stage.publish(WON % "first contact")
    play(stage)
    stage.publish((WON % "first contact").replace("Open a bag", "Open two bags"))
    assert stage.tick() == 0


def test_what_was_said_under_the_older_rule_is_not_said_again(stage: Stage) -> None:
    rule = WON % "first contact"
    stage.publish(rule)
    play(stage)
    assert _heard(stage, "follow_up.said", 25) == [1]
    stage.publish(rule.replace("24h", "48h"))
    assert _heard(stage, "follow_up.said", 0.1, 30) == [1, 1]
    assert faults(stage) == []
