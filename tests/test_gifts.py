"""Gifts in words: the catalogue, the choice by number or by words, and points that are spent once."""

import pytest

from core.audit.audit import audit
from tests.snack import SNACK
from tests.stage import Stage


def _sound(stage: Stage) -> bool:
    return [str(fault) for _, faults in audit(stage.database, stage.keys) for fault in faults] == []


@pytest.fixture
def rich(stage: Stage) -> Stage:
    """A player u1 with 40 points."""
    stage.publish(SNACK)
    for code in stage.codes(4):
        stage.say(code)
    return stage


def test_a_gift_is_chosen_confirmed_and_paid_for(rich: Stage) -> None:
    shown = rich.say("gifts")
    assert shown.startswith("gifts.choose balance=40")
    assert "gifts.line item=Mug left=2 number=1 price=20" in shown
    assert rich.say("1") == "gifts.confirm balance=40 item=Mug price=20"
    assert rich.say("1").split("\n") == ["gifts.bought balance=20 item=Mug", "delivery.name item=Mug"]
    assert "points.reason.gift" in rich.say("points")
    assert _sound(rich)


@pytest.mark.parametrize(
    "choice", ["2", "２", "2.", "no. 2", "二", "第2个", "cinema", "Cinema Ticket", "电影票", "ticket"]
)
def test_a_gift_is_chosen_by_number_or_by_words(rich: Stage, choice: str) -> None:
    rich.say("gifts")
    assert rich.say(choice) == "gifts.confirm balance=40 item=Cinema ticket price=10"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("2", "gifts.kept balance=40"),
        ("no", "gifts.kept balance=40"),
        ("不要", "gifts.kept balance=40"),
        ("cancel", "cancel.done"),
    ],
)
def test_nothing_is_spent_without_a_yes(rich: Stage, answer: str, told: str) -> None:
    rich.say("gifts")
    rich.say("1")
    assert rich.say(answer) == told
    assert "balance=40" in rich.say("points")
    assert _sound(rich)
