"""Slips: a word of ours that was mistyped is asked about, and acts when the person agrees; nothing else is guessed."""

import re
from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.routes import recognise
from core.messages import InboundMessage
from core.models import Address
from core.speech.keywords import Means, plain
from handlers import MECHANICS
from tests.sentences import SENTENCES
from tests.snack import SNACK
from tests.stage import CAMPAIGN, START, Stage
from tests.talking import faults, keys_of

pytestmark = pytest.mark.reading


SLIPS = {
    "积份": "积分",
    "积积分": "积分",
    "分积": "积分",
    "我的积粉": "我的积分",
    "jifen": "积分",
    "wo de jifen": "我的积分",
    "jiangping": "奖品",
    "lingjiang": "领奖",
    "对奖": "兑奖",
    "領將": "领奖",
    "帮住": "帮助",
    "bangzhu": "帮助",
    "邀情好友": "邀请好友",
    "转人公": "转人工",
    "客服电活": "客服电话",
    "中问": "中文",
    "pionts": "points",
    "Ｐｏｉｍｔｓ": "points",
    "poinnts!!": "points",
    "oints please": "points",
    "my pionts": "my points",
    "how mnay points do i have": "how many points do i have",
    "hlep": "help",
    "helllo": "help",
    "prizs": "prizes",
    "giftd": "gifts",
    "costumer service": "customer service",
    "leaderbaord": "leaderboard",
    "langauge chinese": "language chinese",
    "enlgish": "english",
    "stpp": "stop",
    "unsubcsribe": "unsubscribe",
    "tuiding": "退订",
    "推定": "退订",
    "subscibe": "subscribe",
}


@pytest.mark.parametrize(("said", "word"), SLIPS.items())
def test_a_slip_is_near_the_word_that_was_meant(said: str, word: str) -> None:
    assert MECHANICS.vocabulary.nearest(said)[0] == word


SHAPES = frozenset({(12, True)})


def _meant(text: str) -> str:
    said = InboundMessage.received(("test", "main", "u"), "1", text, START, waits=True)
    return recognise(said, SHAPES, MECHANICS.routes).route.name


def test_no_sentence_is_taken_for_a_slip() -> None:
    unknown = [each for each in SENTENCES if _meant(each) == "unknown"]
    assert len(unknown) > 100
    assert {each: MECHANICS.vocabulary.nearest(each) for each in unknown if MECHANICS.vocabulary.nearest(each)} == {}


WORDS = [
    word
    for route in MECHANICS.routes
    if isinstance(route.recognise, Means) and route.recognise.offered is None
    for word in route.recognise.words
    if word.isascii() and word.isalpha() and len(word) > 4
]


@given(st.sampled_from(WORDS), st.integers(0, 30), st.sampled_from(["twice", "swapped", "missing"]))
def test_a_word_with_a_slip_means_no_other_or_is_asked_about(word: str, at: int, how: str) -> None:
    at %= len(word) - 1
    ends = {"twice": word[at:], "swapped": word[at + 1] + word[at] + word[at + 2 :], "missing": word[at + 1 :]}
    said = word[: at + 1] + ends[how] if how == "twice" else word[:at] + ends[how]
    assert _meant(said) != "unknown" or any(MECHANICS.vocabulary.nearest(said))


@pytest.mark.reading
@pytest.mark.parametrize("yes", ["yes", "1", "OK", "好的", "Ｙｅｓ！"])
def test_who_agrees_has_said_the_word(stage: Stage, yes: str) -> None:
    stage.publish()
    stage.say(stage.codes(1)[0])
    assert stage.say("pionts") == "unknown.meant word=points"
    assert stage.say(yes).startswith("points.balance balance=10")
    assert not stage.say(yes).startswith("points.balance")


def test_one_of_two_is_picked_by_its_number(stage: Stage) -> None:
    stage.publish()
    stage.say("help")
    assert re.sub(r"\s+", " ", stage.say("joint")) == (
        "unknown.which lines=unknown.word number=1 word=point unknown.word number=2 word=help"
    )
    assert stage.say("2").startswith("help.answer")


def test_an_offer_holds_for_the_next_text_and_not_for_ever(stage: Stage) -> None:
    stage.publish()
    code = stage.codes(1)[0]
    stage.say("help")
    stage.say("pionts")
    assert stage.say(code).startswith("redeem.points")
    assert stage.say("yes") == "unknown.answer"
    stage.say("pionts")
    assert stage.say("no").startswith("help.answer")
    assert stage.say("yes") == "unknown.answer"
    stage.say("pionts")
    stage.wait(minutes=31)
    assert stage.say("yes") == "unknown.answer"
    stage.say("pionts")
    assert stage.say("points", typed=False).startswith("points.balance")  # the button


def test_what_comes_behind_another_text_in_one_turn_agrees_to_nothing(stage: Stage) -> None:
    stage.publish()
    stage.say("help")
    stage.say("pionts")
    rules, yes = stage.take(stage.delivery("rules"), stage.delivery("yes"))
    assert rules.texts[0].startswith("rules.")
    assert yes.texts == ("unknown.answer",)


# two texts of one person in one turn, and how the answers begin
TOGETHER = [
    ("pionts", "yes", "unknown.meant word=points", "points.balance balance=10"),
    ("pionts", "1", "unknown.meant word=points", "points.balance balance=10"),
    ("积份", "好的", "unknown.meant word=积分", "points.balance balance=10"),
    ("giftd", "ok", "unknown.meant word=gifts", "gifts.choose"),
    ("lnik", "yes", "unknown.meant word=link", "link.word"),
    ("invte", "yes", "unknown.meant word=invite", "invite.word"),
    ("stpp", "yes", "unknown.meant word=stop", "stop.done"),
    ("joint", "2", "unknown.which", "help.answer"),
    ("joint", "1", "unknown.which", "points.balance balance=10"),
    ("pionts", "no", "unknown.meant word=points", "help.answer"),
    ("pionts", "3", "unknown.meant word=points", "unknown.answer"),
    ("how is the weather", "yes", "unknown.answer", "unknown.answer"),
]


def test_what_was_asked_in_a_turn_is_answered_in_it(stage: Stage) -> None:
    stage.publish(SNACK)
    who = [f"u{number}" for number in range(len(TOGETHER))]
    stage.take(*(stage.delivery(code, by=by) for by, code in zip(who, stage.codes(len(who)), strict=True)))
    said = zip(who, TOGETHER, strict=True)
    answers = iter(stage.take(*(stage.delivery(text, by=by) for by, row in said for text in row[:2])))
    for slip, yes, asked, told in TOGETHER:
        first, second = next(answers), next(answers)
        assert first.texts[0].startswith(asked), slip
        assert second.texts[0].startswith(told), (slip, yes)
        assert ("points.line_in" in second.texts[0]) == told.startswith("points."), (slip, yes)  # its history is read
    assert _out(stage, who[6]) == stage.now
    assert faults(stage) == []


def test_each_yes_answers_what_was_asked_last(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.say(stage.codes(1)[0])
    said = ["pionts", "yes", "yes", "giftd", "rulse", "1", "umbrela", "prizs", "rules", "1"]
    told = [answer.texts[0].split(" ")[0] for answer in stage.take(*map(stage.delivery, said))]
    assert told == [
        *("unknown.meant", "points.balance", "unknown.answer", "unknown.meant", "unknown.meant", "rules.answer"),
        *("unknown.answer", "unknown.meant", "rules.answer", "unknown.answer"),
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_in_one_turn_or_one_by_one_the_same_is_answered(stage: Stage, seed: int) -> None:
    stage.publish(SHOP)
    words = ["pionts", "yes", "1", "2", "no", "giftd", "gifts", "umbrela", "tiket", "stpp", "start", "joint", "thanks"]
    for code, by in zip(stage.codes(4), "aabb", strict=True):
        stage.say(code, by=by)
    said = Random(seed).choices(words, k=12)
    apart = [stage.say(text, by="a") for text in said]
    together = ["\n".join(each.texts) for each in stage.take(*(stage.delivery(text, by="b") for text in said))]
    assert [keys_of(text) for text in together] == [keys_of(text) for text in apart], said


SHOP = SNACK.replace("{zh: 马克杯, en: Mug}", "{zh: 雨伞, en: Blue umbrella}").replace("{zh: 零食袋", "{zh: 大零食袋")

# what is typed below the list of gifts, and the gift that is asked about
MISTYPED = [
    ("umbrela", "Blue umbrella"),
    ("bleu umbrella", "Blue umbrella"),
    ("Umberlla!!", "Blue umbrella"),
    ("blueumbrela", "Blue umbrella"),
    ("雨散", "Blue umbrella"),
    ("yusan", "Blue umbrella"),
    ("电影漂", "Cinema ticket"),
    ("dianyingpiao", "Cinema ticket"),
    ("cinema tikcet", "Cinema ticket"),
    ("tiket please", "Cinema ticket"),
    ("大零食代", "Bag of snacks"),
    ("bag of sancks", "Bag of snacks"),
]


def test_a_gift_with_a_slip_is_asked_about_and_chosen_by_yes(stage: Stage) -> None:
    stage.publish(SHOP)
    for code in stage.codes(2):
        stage.say(code)
    for said, gift in MISTYPED:
        stage.say("gifts")
        assert stage.say(said) == f"unknown.meant word={gift}", said
        assert stage.say("yes").startswith(f"gifts.confirm balance=20 item={gift}"), said
    stage.say("no")
    listed, asked, chosen, bought = stage.take(*map(stage.delivery, ["gifts", "tiket", "1", "yes"]))
    assert (listed.texts[0].split()[0], asked.texts) == ("gifts.choose", ("unknown.meant word=Cinema ticket",))
    assert chosen.texts[0].startswith("gifts.confirm balance=20 item=Cinema ticket")
    assert bought.texts[0].startswith("gifts.bought balance=10 item=Cinema ticket")
    assert faults(stage) == []


def test_below_a_list_a_slip_is_of_the_list_or_of_a_word(stage: Stage) -> None:
    stage.publish(SHOP)
    stage.say(stage.codes(1)[0])
    stage.say("gifts")
    tapped = stage.take(stage.delivery("umbrela"))[0].rich
    assert tapped is not None
    assert [button.label for button in tapped[0].buttons] == ["Blue umbrella"]
    assert stage.say("no").startswith("question.again")
    assert stage.say("pionts") == "unknown.meant word=points"
    assert stage.say("yes").startswith("points.balance")
    assert stage.say("how is the weather").startswith("question.dropped")


def test_a_newcomer_is_welcome_and_asked(stage: Stage) -> None:
    stage.publish()
    said = stage.say("pionts")
    assert said.startswith("welcome.answer")
    assert "unknown.meant word=points" in said
    assert stage.say("yes").startswith("points.balance")


def _out(stage: Stage, by: str = "u1") -> datetime | None:
    with stage.sessions() as session:
        address = session.get(Address, stage.key(by))
        return address.opted_out_at if address else None


@pytest.mark.parametrize("said", ["stpp", "sttop", "tuidin", "推定", "unsbscribr"])
def test_a_slip_of_stop_is_asked_and_stops_nothing_before(stage: Stage, said: str) -> None:
    stage.publish()
    stage.say("help")
    assert stage.say(said).startswith("unknown.meant")
    assert _out(stage) is None
    assert stage.say("yes").startswith("stop.done")
    assert _out(stage) == stage.now


def test_a_yes_to_a_word_is_no_wish_to_hear(stage: Stage) -> None:
    stage.publish()
    stage.say("stop")
    stage.say("pionts")
    assert stage.say("yes").startswith("points.balance")
    assert _out(stage) is not None
    assert stage.say("subscibe").startswith("unknown.meant word=subscribe")
    assert _out(stage) is not None
    assert stage.say("yes").startswith("start.done")


def test_an_open_question_hears_its_own_answer(stage: Stage) -> None:
    mug = "{name: mug, title: {zh: 杯子, en: A mug}, price: 5 points, value: 10 CNY, stock: 3, claim: counter}"
    gifts = f"gifts:\n  - {mug}\n"
    stage.publish(CAMPAIGN + gifts)
    stage.say(stage.codes(1)[0])
    stage.say("pionts")
    assert stage.say("gifts").startswith("gifts.choose")
    assert stage.say("1").startswith("gifts.confirm")
    assert stage.say("yes").startswith("gifts.bought")


def test_a_scanned_word_is_not_confused_with_an_offered_one(stage: Stage) -> None:
    campaign = CAMPAIGN.replace("channels: [test, second]", "channels: [test, wechat]")
    stage.publish(campaign + "invites: {inviter: 10 points, invitee: 5 points, channels: [wechat]}\n")
    word = re.search(r"word=(\S+)", stage.say("invite", channel="wechat"))
    assert word is not None
    assert stage.say(word[1], by="b", channel="wechat", typed=False).startswith("invite.type_word")
    assert stage.say("pionts", by="b", channel="wechat").startswith("unknown.meant")
    assert stage.say("yes", by="b", channel="wechat").startswith("invite.joined")


def test_long_texts_cost_nothing() -> None:
    assert MECHANICS.vocabulary.nearest("pionts " * 100) == ()
    assert plain("jifen") == "jifen"
