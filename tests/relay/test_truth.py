"""Everybody hears the truth, whatever the path by which they came."""

import re

import pytest
from sqlalchemy import delete, select

from core.campaign.publication import change_state
from core.models import Join, Timer
from handlers.relay.names import clean_name
from handlers.relay.tables import Torch
from tests.relay.torchbearers import RELAY, begin, count, last_told, open_relay, param, torch_of
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults

WORD = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")

TYPED = RELAY.replace("  window: 10m", "  window: 10m\n  typed_word: [test]")
NO_QUOTA = "[invited, code, quota]\n  quota_per_day: 3", "[invited, code]"
PHONE = "+8613900000001"


def _change(stage: Stage, move: str) -> None:
    with stage.sessions.begin() as session:
        change_state(session, "torch", move)


def _link(stage: Stage, one: str, other: str) -> None:
    word = param(stage.say("link", by=one), "word")
    assert stage.say(word, by=other, channel="second").startswith("link.linked")


@pytest.mark.parametrize("words", ["torch", "invite", "my name is Bo", "13900000009", "code"])
def test_a_newcomer_hears_of_the_torch_whatever_the_first_words(stage: Stage, words: str) -> None:
    open_relay(stage, RELAY.replace(*NO_QUOTA))
    code, first = stage.codes(2, "torch")
    stage.say(first, by="a")
    stage.say("13900000001", by="a")
    said = stage.say(code if words == "code" else words, by=PHONE)
    assert "relay.granted" in said
    assert "relay.you_lit" in said
    assert torch_of(stage, PHONE).leg == 2
    assert faults(stage) == []


def test_a_scanned_word_counts_for_the_torch_when_no_quota_is_left(stage: Stage) -> None:
    open_relay(stage, TYPED.replace("quota_per_day: 3", "quota_per_day: 1"))
    word = begin(stage, "a")
    stage.say(word, by="b", typed=False)
    said = stage.say("torch", by="b")
    assert said.startswith("relay.granted")
    assert torch_of(stage, "b").leg == 2


def test_a_scan_and_its_word_in_one_turn(stage: Stage) -> None:
    open_relay(stage, TYPED)
    word = begin(stage, "a")
    scan, one, again = (stage.delivery(text, by="b", typed=typed) for text, typed in ((word, 0), ("1", 1), ("1", 1)))
    answers = stage.take(scan, one, again)
    assert [answer.texts[0].split(" ")[0] for answer in answers[:2]] == ["relay.type_word", "relay.granted"]
    assert answers[2].texts[0].startswith("unknown.")
    assert torch_of(stage, "a").state == "lit"
    assert faults(stage) == []


def test_a_scan_for_points_alone_speaks_of_no_torch(stage: Stage) -> None:
    stage.publish(
        CAMPAIGN.replace("[test, second]", "[test, wechat]")
        + "invites: {inviter: 1 points, invitee: 1 points, per_player_per_day: 10, channels: [test, wechat]}\n"
    )
    word = param(stage.say("invite", by="a"), "word")
    assert stage.say(word, by="b", channel="wechat", typed=False).startswith("invite.type_word")


def test_nobody_joins_by_asking_for_a_word_while_it_is_closed(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    stage.say("13900000001", by="a")
    _change(stage, "pause")
    assert stage.say("invite", by=PHONE).startswith("campaign.paused")
    assert torch_of(stage, "a").state == "unlit"
    assert stage.say("invite", by="a").startswith("relay.word")


def test_nobody_is_hurried_while_it_is_closed(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    _change(stage, "pause")
    stage.wait(minutes=5)
    stage.tick()
    assert not any("relay.remind" in text for text in stage.told("a"))
    assert "campaign.paused" in stage.say("torch", by="a")
    stage.wait(minutes=5)
    stage.tick()
    assert last_told(stage, "a").startswith("relay.went_out")


def test_nobody_is_told_to_try_again_after_the_end(stage: Stage) -> None:
    open_relay(stage, RELAY.replace("90 days after opening", "30 minutes after opening"))
    begin(stage, "a")
    stage.wait(minutes=10)
    stage.tick()
    assert last_told(stage, "a").startswith("relay.went_out")
    assert "relight_later" not in last_told(stage, "a")
    assert "relight_later" not in stage.say("torch", by="a")


def test_torches_go_out_in_time_when_a_new_version_has_no_relay(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "a")
    stage.publish(RELAY[: RELAY.index("relay:")] + "points: {earn: 3 points}\n")
    stage.wait(minutes=11)
    stage.tick()
    assert torch_of(stage, "a").state == "out"
    with stage.sessions() as session:
        assert session.scalars(select(Timer.state).where(Timer.state == "failed")).all() == []
    assert last_told(stage, "a").startswith("relay.went_out")
    assert not any("relay.remind" in text for text in stage.told("a"))
    assert stage.say("torch", by="a") == "relay.off"
    open_relay(stage)
    assert stage.say("torch", by="a").startswith("relay.is_out")
    count(stage)
    assert faults(stage) == []


def test_a_perk_keeps_its_title_when_a_new_version_gives_another(stage: Stage) -> None:
    open_relay(stage)
    word = begin(stage, "a")
    stage.say(word, by="b")
    open_relay(
        stage, RELAY.replace("torch-skin, title: {zh: 火炬皮肤, en: Torch skin}", "mug, title: {zh: 杯, en: Mug}")
    )
    said = stage.say("perk", by="a")
    assert "Mug" not in said
    assert "perk=torch-skin" in said
    open_relay(stage, RELAY.replace("  perk: {name: torch-skin, title: {zh: 火炬皮肤, en: Torch skin}}\n", ""))
    assert "perk=torch-skin" in stage.say("perk", by="a")


@pytest.mark.parametrize("words", ["torch", "relight", "perk", "board"])
def test_words_of_the_relay_find_their_campaign(stage: Stage, words: str) -> None:
    stage.publish()
    open_relay(stage)
    (code,) = stage.codes(1)
    stage.say("torch", by="a")
    stage.say(code, by="a")
    count(stage)
    assert stage.say(words, by="a").split(" ")[0] in {"relay.unlit", "relay.no_perk", "board.answer"}
    assert stage.say("my name is Anna", by="a") == "name.taken name=Anna"
    assert "name=Anna" in stage.say("board", by="a")
    assert faults(stage) == []


def test_friends_and_name_of_a_linked_player_count(stage: Stage) -> None:
    open_relay(stage)
    stage.say("torch", by="x", channel="second")
    stage.wait(seconds=1)
    word = begin(stage, "a")
    stage.say("my name is Anna", by="a")
    for by in "bcd":
        stage.say(word, by=by)
    count(stage)
    _link(stage, "a", "x")
    assert "passed=3" in stage.say("torch", by="a")
    assert "name=Anna" in stage.say("board", by="a")
    stage.say("my name is Bella", by="a")
    said = stage.say("board", by="x", channel="second")
    assert "name=Anna" not in said
    assert "board.line_longest name=Bella place=1 score=2" in said
    assert faults(stage) == []


def test_in_the_turn_of_a_link_a_friend_lights_both_torches(stage: Stage) -> None:
    open_relay(stage)
    begin(stage, "x", channel="second")
    stage.wait(seconds=1)
    word = begin(stage, "a")
    link = param(stage.say("link", by="a"), "word")
    stage.take(
        stage.delivery(link, by="x", channel="second"), stage.delivery(word, by="b"), stage.delivery("torch", by="a")
    )
    with stage.sessions() as session:
        assert session.scalars(select(Torch.state).where(Torch.leg == 1)).all() == ["lit", "lit"]
    assert last_told(stage, "a").startswith("relay.burns")
    assert faults(stage) == []


def test_a_torch_of_somebody_whose_other_one_burns_says_nothing_more(stage: Stage) -> None:
    open_relay(stage, RELAY.replace("after: 1h", "after: 1s"))
    word = begin(stage, "a")
    stage.wait(minutes=9)
    friend = stage.delivery(word, by="b")
    stage.wait(minutes=2)
    stage.tick()
    assert stage.say("relight", by="a").startswith("relay.relit")
    stage.take(friend)
    told = len(stage.told("a"))
    stage.wait(minutes=6)
    stage.tick()
    stage.wait(minutes=6)
    stage.tick()
    assert len(stage.told("a")) == told
    assert torch_of(stage, "a").state == "out"
    late = stage.say(word, by="c")
    assert "relay.you_took" in late
    assert faults(stage) == []


@pytest.mark.parametrize(
    ("minutes", "passer", "friend"),
    [(5, "relay.lit", "relay.you_lit"), (11, "relay.late_only", "relay.you_late_only")],
)
def test_no_torch_is_promised_where_friends_earn_theirs_by_code(
    stage: Stage, minutes: int, passer: str, friend: str
) -> None:
    open_relay(stage, RELAY.replace("[invited, code, quota]", "[code, quota]"))
    word = begin(stage, "a")
    stage.wait(minutes=minutes)
    said = stage.say(word, by="b")
    assert said.startswith("relay.joined")
    assert f"{friend} " in said
    assert last_told(stage, "a").startswith(f"{passer} ")
    assert "relay.you_came " in stage.say(word, by="c") or minutes == 11


def test_a_player_whose_addresses_are_gone_stops_nobody(stage: Stage) -> None:
    """As when a person was erased: friends who came through them play on, and are not told to come again."""
    open_relay(
        stage,
        RELAY.replace("[invited, code, quota]", "[code, quota]")
        + "invites: {inviter: 1 points, invitee: 1 points, per_player_per_day: 10}\n",
    )
    word = begin(stage, "a")
    stage.say(word, by="b")
    other = begin(stage, "c")
    with stage.sessions.begin() as session:
        session.execute(delete(Join).where(Join.address_key.in_([stage.key("a"), stage.key("c")])))
    assert stage.say(stage.codes(1, "torch")[0], by="b").startswith("redeem.counted")
    assert stage.say(other, by="d").startswith("invite.unknown")


def test_a_friend_after_twenty_days_is_counted_like_any_other(stage: Stage) -> None:
    open_relay(stage, RELAY.replace("window: 10m", "window: 30d").replace("[5m, 8m]", "[1d]"))
    word = begin(stage, "a")
    stage.wait(days=20)
    stage.say(word, by="b")
    count(stage)
    assert faults(stage) == []


@pytest.mark.parametrize(
    "name",
    ["\u3164\u3164", "evil.net", "see t.me now", "call 13800138000", "a\u0301\u0301\u0301\u0301\u0301", "\u115f\u1160"],
)
def test_what_would_be_shown_to_others_as_no_name_is_refused(name: str) -> None:
    assert clean_name(name) is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("J. R. Tolkien", "J. R. Tolkien"),
        ("安\u200b娜\u202e", "安娜"),
        ("José", "José"),
        ("น้ำฝน", "น้ําฝน"),
        ("😀 Bo", "😀 Bo"),
        ("{word}", "{word}"),
    ],
)
def test_names_of_people_are_kept(said: str, name: str) -> None:
    assert clean_name(said) == name


def test_who_lit_it_is_counted_before_the_boards_are(stage: Stage) -> None:
    open_relay(stage)
    stage.say(begin(stage, "a"), by="b")
    assert "passed=1" in stage.say("torch", by="a")


@pytest.mark.parametrize(
    ("language", "torch", "lit"),
    [("en", "torch", "Your own isn't lit yet"), ("zh", "火炬", "点燃您的火炬")],
)
def test_nobody_could_take_the_friends_torch_for_their_own(stage: Stage, language: str, torch: str, lit: str) -> None:
    stage.publish(RELAY.replace("language: en", f"language: {language}"), spelled=False)
    word = WORD.findall(stage.say(torch, by="a"))[0]
    stage.say("my name is Anna" if language == "en" else "我叫Anna", by="a")
    said = stage.say(word, by="b")
    assert said.index("Anna") < said.index(lit)
    helped = stage.say("help" if language == "en" else "帮助", by="c")
    assert ("invite" if language == "en" else "邀请") in helped.lower()
    for text in (*stage.told("a"), said, helped):
        assert not {"{", "}", "  ", "=", "None"} & {
            text[at : at + size] for size in (1, 2, 4) for at in range(len(text))
        }
