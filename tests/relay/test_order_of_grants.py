"""A friend who is dealt with before the ambassador's own message counts all the same: only times of receipt decide."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.relay.tables import Runner
from tests.relay.torchbearers import RELAY, begin, count, last_told, open_relay, param, torch_of
from tests.stage import Stage
from tests.talking import faults

pytestmark = pytest.mark.reading


@pytest.mark.parametrize("together", [False, True])
def test_a_friend_who_was_dealt_with_before_the_torch_was_lit_anew_lights_it(stage: Stage, together: bool) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    stage.wait(hours=2)
    stage.tick()
    again = stage.delivery("relight", by="a")
    stage.wait(seconds=1)
    friend = stage.delivery(word, by="b")
    later = [friend, again]
    answers = stage.take(*later) if together else [answer for each in later for answer in stage.take(each)]
    assert answers[1].texts[0].startswith("relay.burns")
    torch = torch_of(stage, "a")
    assert (torch.number, torch.state, torch.lit_at) == (2, "lit", friend.message.received_at)
    assert stage.say("perk", by="a").startswith("relay.perk")
    count(stage)
    assert faults(stage) == []


def test_of_several_the_first_one_in_the_window_lights_it(stage: Stage) -> None:
    open_relay(stage)
    word = param(stage.say("invite", by="a"), "word")
    asked = stage.delivery("torch", by="a")
    for by, after in (("late", 601), ("second", 9), ("first", 2)):
        stage.now = asked.message.received_at + timedelta(seconds=after)
        stage.say(word, by=by)
    stage.now = asked.message.received_at - timedelta(seconds=1)
    stage.say(word, by="before")
    (answer,) = stage.take(asked)
    assert answer.texts[0].startswith("relay.burns")
    assert torch_of(stage, "a").lit_at == asked.message.received_at + timedelta(seconds=2)
    count(stage)
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("after_us", "state"), [(-1, "unlit"), (0, "lit"), (599_999_999, "lit"), (600_000_000, "unlit")]
)
def test_the_window_has_its_first_instant_and_not_its_last(stage: Stage, after_us: int, state: str) -> None:
    """Also of a friend who was dealt with before the torch was granted."""
    open_relay(stage)
    word = param(stage.say("invite", by="a"), "word")
    asked = stage.delivery("torch", by="a")
    stage.now = asked.message.received_at + timedelta(microseconds=after_us)
    stage.say(word, by="b")
    stage.take(asked)
    assert torch_of(stage, "a").state == state
    count(stage)
    assert faults(stage) == []


def test_a_friend_on_a_channel_without_relay_lights_nothing_afterwards(stage: Stage) -> None:
    rules = RELAY.replace("  window: 10m", "  window: 10m\n  channels: [test]")
    open_relay(stage, rules + "invites: {inviter: 1 points, invitee: 1 points, per_player_per_day: 10}\n")
    word = param(stage.say("invite", by="a"), "word")
    asked = stage.delivery("torch", by="a")
    stage.wait(seconds=1)
    stage.say(word, by="b", channel="second")
    stage.take(asked)
    assert torch_of(stage, "a").state == "unlit"
    assert "relay" in last_told(stage, "a")
    assert faults(stage) == []


def test_a_friend_takes_the_torch_of_the_instant_of_receipt(stage: Stage) -> None:
    """Dealt with after the passer has lit a torch anew, and received before that."""
    open_relay(stage)
    word = begin(stage, "a")
    stage.wait(hours=2)
    friend = stage.delivery(word, by="b")
    stage.wait(seconds=1)
    assert stage.say("relight", by="a").startswith("relay.relit")
    stage.take(friend)
    assert (torch_of(stage, "a").number, torch_of(stage, "b").parent_number) == (2, 1)
    count(stage)
    assert faults(stage) == []


def test_a_friend_on_a_channel_without_relay_lights_nothing(stage: Stage) -> None:
    rules = RELAY.replace("  window: 10m", "  window: 10m\n  channels: [test]")
    open_relay(stage, rules + "invites: {inviter: 1 points, invitee: 1 points, per_player_per_day: 10}\n")
    word = begin(stage, "a")
    stage.say(word, by="b", channel="second")
    assert torch_of(stage, "a").state == "unlit"
    stage.say(word, by="c")
    assert torch_of(stage, "a").state == "lit"
    assert faults(stage) == []


def test_a_clock_that_was_away_reminds_of_no_torch_that_has_ended(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    stage.wait(minutes=10)
    stage.tick()
    assert [text.split(" ")[0] for text in stage.told("a") if "remind" in text or "went_out" in text] == [
        "relay.went_out"
    ]


def test_a_torch_that_was_lit_anew_before_any_clock_came_by_goes_out_once(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    stage.wait(hours=2)
    assert stage.say("relight", by="a").startswith("relay.relit")
    stage.tick()
    assert torch_of(stage, "a").state == "unlit"
    assert not any("went_out" in text for text in stage.told("a"))
    count(stage)
    assert faults(stage) == []


def test_a_torch_that_is_lit_anew_is_no_new_friend(stage: Stage) -> None:
    open_relay(stage)
    stage.say(begin(stage, "a"), by="b")
    stage.wait(hours=2)
    stage.tick()
    assert stage.say("relight", by="b").startswith("relay.relit")
    count(stage)
    with stage.sessions() as session:
        assert session.scalars(select(Runner.passed)).all() == [1]
    assert faults(stage) == []
