"""Timers that were set under one version of the rules and fire under another read today's rule."""

import pytest
from sqlalchemy import func, select

from core.models import SecondDraw
from tests.follow_ups.scene import follow_ups, unasked
from tests.relay.torchbearers import RELAY, begin
from tests.snack import SURE
from tests.stage import Stage
from tests.talking import faults, play, states

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
