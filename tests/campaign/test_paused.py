"""A campaign that is paused keeps its players, and says so: nobody is moved into another one."""

import pytest

from core.campaign.publication import change_state
from tests.snack import SNACK
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults, keys_of

pytestmark = pytest.mark.reading


OTHER = CAMPAIGN.replace("name: snack", "name: other").replace("Open a bag", "The other one")


@pytest.fixture
def two(stage: Stage) -> Stage:
    """Two campaigns on one chat; the player has 380 points in the one that is paused then."""
    stage.publish(OTHER)
    stage.publish(SNACK)
    stage.say(stage.codes(1)[0])
    stage.give(370)
    _move(stage, "pause")
    return stage


def _move(stage: Stage, move: str, name: str = "snack") -> None:
    with stage.sessions.begin() as session:
        change_state(session, name, move)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("points", ["points.balance", "campaign.paused"]),
        ("help", ["help.answer", "campaign.paused"]),
        ("code", ["campaign.paused"]),
        ("gifts", ["gifts.list", "campaign.paused"]),
        ("rules", ["rules.answer", "campaign.paused"]),
    ],
)
def test_whoever_asks_is_told_that_it_is_paused(two: Stage, word: str, said: list[str]) -> None:
    told = two.say(word)
    assert [key for key in keys_of(told) if key in said] == said
    assert "The other one" not in told
    assert "balance=380" in two.say("points")


def test_a_code_of_a_paused_campaign_stays_good(two: Stage) -> None:
    (code,) = two.codes(1)
    assert keys_of(two.say(code)) == ["campaign.paused"]
    assert keys_of(two.say(code, by="new")) == ["campaign.paused"]
    _move(two, "resume")
    assert keys_of(two.say(code)) == ["redeem.points"]
    assert faults(two) == []


def test_what_one_turns_to_oneself_is_meant_from_then_on_and_a_code_leads_back(two: Stage) -> None:
    assert "balance=10" in two.say(two.codes(1, "other")[0])
    assert "The other one" in two.say("rules")
    _move(two, "resume")
    assert "balance=390" in two.say(two.codes(1)[0])
    assert "Open a bag" in two.say("rules")


def test_newcomers_are_shown_what_is_open_and_players_of_what_is_over_are_free(two: Stage) -> None:
    assert "The other one" in two.say("rules", by="new")
    _move(two, "end")
    assert "The other one" in two.say("rules")


def test_a_pause_alone_on_a_chat_is_told_to_newcomers(two: Stage) -> None:
    _move(two, "pause", "other")
    assert keys_of(two.say("help", by="new"))[-1] == "campaign.paused"
