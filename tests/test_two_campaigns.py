"""Two campaigns on one chat: points, gifts and prizes look over all that one plays there."""

import re

import pytest

from tests.snack import SNACK, SURE
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, keys_of

OTHER = CAMPAIGN.replace("name: snack", "name: other").replace("Open a bag", "The other one")


def _balances(said: str) -> list[str]:
    return [part.split()[0] for part in said.split("balance=")[1:]]


def test_points_of_both_are_told_whichever_was_spoken_of_last(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.publish(OTHER)
    stage.say(stage.codes(1)[0])
    stage.give(360)
    assert _balances(stage.say("points")) == ["370"]
    stage.say(stage.codes(1, "other")[0])
    assert _balances(stage.say("points")) == ["10", "370"]
    stage.give(-10, campaign="other")
    assert _balances(stage.say("points")) == ["370"]
    assert "The other one" in stage.say("rules")
    assert faults(stage) == []


def test_points_at_another_account_are_not_told(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.publish(OTHER.replace("[test, second]", "[test/b]"))
    stage.say(stage.codes(1)[0], account="b")
    stage.say(stage.codes(1, "other")[0], account="b")
    stage.publish(SNACK.replace("[test, second]", "[test/a]"))
    assert _balances(stage.say("points", account="b")) == ["10"]


def test_gifts_are_those_of_the_campaign_that_has_some(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.publish(OTHER)
    stage.say(stage.codes(1)[0])
    stage.give(90)
    stage.say(stage.codes(1, "other")[0])
    assert "balance=100" in stage.say("gifts")
    assert keys_of(stage.say("bag"))[0] == "gifts.confirm"
    assert keys_of(stage.say("yes"))[0] == "gifts.bought"
    assert "Open a bag" in stage.say("rules")
    assert faults(stage) == []


@pytest.mark.parametrize("both", [False, True])
def test_prizes_of_all_campaigns_are_listed_and_looked_after(stage: Stage, both: bool) -> None:
    stage.publish(SURE)
    stage.publish((SURE if both else OTHER).replace("name: snack", "name: other").replace("A phone", "A bicycle"))
    stage.say(stage.codes(1)[0])
    stage.say(stage.codes(1, "other")[0])
    stage.say("cancel")
    said = stage.say("prizes")
    if both:
        assert ("A phone" in said, "A bicycle" in said) == (True, True)
        (number,) = re.findall(r"item=A phone number=(\d)", said)
        said = stage.say(number)
    assert keys_of(said)[0] == "delivery.name"
    for text in ("Anna Lee", "13800138000", "12 King Street"):
        stage.say(text)
    assert "claim.ready" in stage.say("yes")
    assert "Open a bag" in stage.say("rules")
    assert faults(stage) == []
