"""The torch relay, as the people in the story play it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.models import Timer
from handlers.relay.tables import Torch
from tests.relay.torchbearers import RELAY, begin, count, last_told, open_relay, param, torch_of
from tests.stage import Stage
from tests.talking import faults


def test_a_friend_in_time_lights_the_torch_and_holds_the_next_one(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    stage.wait(minutes=9, seconds=59)
    said = stage.say(word, by="b")
    assert said.startswith("relay.granted")
    assert (param(said, "leg"), param(said, "window")) == ("2", "10 minutes")
    assert "relay.you_lit" in said
    assert "relay.lit" in last_told(stage, "a")
    assert "Torch skin" in last_told(stage, "a")
    assert stage.say("torch", by="a").startswith("relay.burns")
    assert stage.say("perk", by="a").startswith("relay.perk")
    count(stage)
    assert faults(stage) == []


@pytest.mark.parametrize(("after_ms", "state"), [(-1, "lit"), (0, "out"), (1, "out")])
def test_the_window_ends_to_the_millisecond(stage: Stage, after_ms: int, state: str) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    stage.wait(minutes=10)
    stage.now += timedelta(milliseconds=after_ms)
    assert stage.say(word, by="b").startswith("relay.granted")
    stage.wait(seconds=1)
    stage.tick()
    assert torch_of(stage, "a").state == state
    assert faults(stage) == []


def test_a_late_friend_begins_anew_and_everybody_is_told_the_truth(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    stage.wait(minutes=10)
    stage.tick()
    assert "relay.went_out" in last_told(stage, "a")
    stage.wait(minutes=2)
    said = stage.say(word, by="b")
    assert param(said, "leg") == "2"
    assert "relay.you_late" in said
    assert "late=2 minutes" in said
    told = last_told(stage, "a")
    assert told.startswith("relay.late")
    assert "relay.relight_later at=Tuesday 1 December, 13:10" in told
    assert torch_of(stage, "a").state == "out"
    assert torch_of(stage, "b").state == "unlit"
    assert faults(stage) == []


def test_a_friend_received_in_time_counts_after_the_clock_put_the_torch_out(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    in_time = stage.now + timedelta(minutes=9)
    stage.wait(minutes=11)
    stage.tick()
    count(stage)
    stage.now = in_time  # the message was received then, and is dealt with only now
    assert "relay.you_lit" in stage.say(word, by="b")
    assert torch_of(stage, "a").state == "lit"
    count(stage)
    assert faults(stage) == []


def test_reminders_say_how_long_is_left_until_the_torch_is_lit(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    stage.wait(minutes=5, seconds=2)
    stage.tick()
    assert "left=4 minutes" in last_told(stage, "a")
    stage.say(word, by="b")
    stage.wait(minutes=3)
    stage.tick()
    assert "relay.remind" not in last_told(stage, "a")
    with stage.sessions() as session:
        states = session.scalars(select(Timer.state).where(Timer.kind == "torch.remind").order_by(Timer.due_at)).all()
    assert states[:2] == ["fired", "dropped"]


def test_relight_by_rule(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    assert stage.say("relight", by="a").startswith("relay.unlit")
    for _ in range(2):
        stage.wait(minutes=10)
        stage.tick()
        assert stage.say("relight", by="a").startswith("relay.not_yet")
        stage.wait(hours=1)
        stage.tick()
        assert last_told(stage, "a").startswith("relay.may_relight")
        assert stage.say("relight", by="a").startswith("relay.relit")
    stage.wait(hours=3)
    stage.tick()
    assert stage.say("relight", by="a").startswith("relay.spent")
    assert (torch_of(stage, "a").number, torch_of(stage, "a").leg) == (3, 1)
    count(stage)
    assert faults(stage) == []


def test_a_torch_that_no_clock_put_out_may_be_relit_too(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    stage.wait(hours=2)
    assert stage.say("relight", by="a").startswith("relay.relit")
    assert stage.tick() == 3  # its timers find nothing left to do
    assert not any("relay.went_out" in text for text in stage.told("a"))
    assert faults(stage) == []


def test_the_quota_of_a_day_is_three(stage: Stage) -> None:
    open_relay(stage)
    for by in "abc":
        begin(stage, by)
    said = stage.say("torch", by="d")
    assert said.startswith("relay.quota_gone quota=3")
    assert "relay.way_invited" in said
    stage.wait(hours=12)  # past midnight in Shanghai
    begin(stage, "d")
    assert faults(stage) == []


def test_five_who_ask_in_one_turn_get_three(stage: Stage) -> None:
    open_relay(stage)
    answers = stage.take(*(stage.delivery("torch", by=by) for by in "abcde"))
    assert [answer.texts[0].split(" ")[0] for answer in answers].count("relay.granted") == 3
    assert faults(stage) == []


def test_a_code_earns_a_first_torch_and_only_that(stage: Stage) -> None:
    open_relay(stage)
    first, second = stage.codes(2, "torch")
    said = stage.say(first, by="a")
    assert said.startswith("redeem.counted")
    assert "relay.granted" in said
    assert stage.say(second, by="a") == "redeem.counted"
    assert faults(stage) == []


def test_without_qualifying_by_invitation_a_code_continues_the_chain(stage: Stage) -> None:
    open_relay(stage, RELAY.replace("[invited, code, quota]", "[code, quota]"))
    word = begin(stage, "a")
    said = stage.say(word, by="b")
    assert said.startswith("relay.joined")
    assert "relay.you_lit" in said
    assert torch_of(stage, "a").state == "lit"
    stage.wait(hours=1)
    said = stage.say(stage.codes(1, "torch")[0], by="b")
    assert param(said, "leg") == "2"
    assert faults(stage) == []


def test_two_friends_in_one_turn_light_it_once_and_both_hold_a_torch(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    answers = stage.take(*(stage.delivery(word, by=by) for by in "bc"))
    assert "relay.you_lit" in answers[0].texts[0]
    assert "relay.you_took" in answers[1].texts[0]
    assert [text.split(" ")[0] for text in stage.told("a")].count("relay.lit") == 1
    assert faults(stage) == []


def test_a_message_delivered_four_times_lights_once_and_says_the_same(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    said = {stage.say(word, by="b", id="m-1") for _ in range(4)}
    assert len(said) == 1
    assert len(stage.told("a")) == 2
    assert faults(stage) == []


def test_a_recommended_phone_takes_the_torch_with_its_first_words(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    assert stage.say("13900000001", by="a").startswith("relay.recommended")
    said = stage.say("torch", by="+8613900000001")
    assert param(said, "leg") == "2"
    assert "relay.you_lit" in said
    assert faults(stage) == []


def test_the_word_of_somebody_without_a_torch_begins_a_chain(stage: Stage) -> None:
    open_relay(stage)
    word = param(stage.say("invite", by="a"), "word")
    said = stage.say(word, by="b")
    assert param(said, "leg") == "1"
    assert faults(stage) == []


def test_a_chain_of_two_hundred(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "0")
    for number in range(1, 200):
        stage.wait(seconds=30)
        word = param(stage.say(word, by=str(number)), "word")
    assert torch_of(stage, "199").leg == 200
    count(stage)
    assert "relay.unlit" in stage.say("torch", by="199")
    assert "chain_place=1 legs=200" in stage.say("board", by="199")
    assert faults(stage) == []


def test_scanning_asks_for_a_typed_word_where_the_channel_needs_one(stage: Stage) -> None:
    open_relay(stage, RELAY.replace("  window: 10m", "  window: 10m\n  typed_word: [test]"))
    word = begin(stage, "a")
    assert stage.say(word, by="b", typed=False).startswith("relay.type_word")
    assert torch_of(stage, "a").state == "unlit"
    assert stage.say("what a day", by="b") == "unknown.relay"
    stage.wait(minutes=1)
    said = stage.say("1", by="b")
    assert "relay.you_lit" in said
    assert param(said, "leg") == "2"
    assert stage.say("1", by="b") == "unknown.relay"
    assert faults(stage) == []


@pytest.mark.parametrize("words", ["torch", "code"])
def test_any_word_that_joins_counts_for_a_scan(stage: Stage, words: str) -> None:
    open_relay(stage, RELAY.replace("  window: 10m", "  window: 10m\n  typed_word: [test]"))
    word = begin(stage, "a")
    stage.say(word, by="b", typed=False)
    text = stage.codes(1, "torch")[0] if words == "code" else "torch"
    assert "relay.you_lit" in stage.say(text, by="b")
    assert torch_of(stage, "b").leg == 2
    assert faults(stage) == []


def test_a_scan_elsewhere_joins_at_once(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    assert "relay.you_lit" in stage.say(word, by="b", typed=False)


def test_a_linked_player_keeps_both_torches_and_a_friend_lights_both(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    begin(stage, "x", channel="second")
    link = param(stage.say("link", by="a"), "word")
    assert stage.say(link, by="x", channel="second").startswith("link.linked")
    assert "relay.you_lit" in stage.say(word, by="b")
    with stage.sessions() as session:
        assert session.scalars(select(Torch.state).where(Torch.leg == 1)).all() == ["lit", "lit"]
    assert faults(stage) == []


def test_boards_and_places(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    stage.say("my name is Anna", by="a")
    for by in "bcd":
        stage.say(word, by=by)
    other = begin(stage, "e")
    stage.say(other, by="f")
    count(stage)
    said = stage.say("board", by="e")
    assert "board.line_today name=Anna place=1 score=3" in said
    assert "board.mine passed=1 place=2" in said
    assert "board.line_today name=a friend place=2 score=1" in said  # as name.waits promises
    assert faults(stage) == []


@pytest.mark.parametrize("name", ["http://x.cn", "13800138000", "……", "a" * 21, "visit evil.com"])
def test_what_is_no_name_is_refused(stage: Stage, name: str) -> None:
    open_relay(stage)
    assert stage.say(f"my name is {name}", by="a").startswith("name.bad")


def test_a_relay_of_codes_that_are_off_here_says_so(stage: Stage) -> None:
    open_relay(stage, RELAY.replace("  window: 10m", "  window: 10m\n  channels: [second]"))
    assert stage.say("torch", by="a") == "relay.off"
    assert stage.say("board", by="a") == "relay.off"


def test_nobody_hears_that_a_torch_went_out_which_burns_after_all(stage: Stage) -> None:
    follow_up = "follow_ups:\n  - {name: again, when: 1h after torch out, say: {zh: out, en: out}}\n"
    open_relay(stage, RELAY + follow_up)
    word = begin(stage, "a")
    in_time = stage.now + timedelta(minutes=9)
    stage.wait(minutes=11)
    stage.tick()
    later, stage.now = stage.now, in_time
    assert "relay.you_lit" in stage.say(word, by="b")
    stage.now = later + timedelta(hours=2)
    stage.tick()
    assert not any("follow_up.said" in text for text in stage.told("a"))
