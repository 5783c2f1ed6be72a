"""Questions in words: one waits at a time, codes and known words keep their meaning, and nothing is asked for ever."""

import pytest

from core.alphabet import code_maker, grouped
from core.engine.routes import recognise
from handlers import MECHANICS
from handlers.claims.details import details_of
from tests.snack import SNACK, SURE
from tests.stage import Stage
from tests.talking import YES_OR_NO, claims, faults, keys_of, play, states

pytestmark = pytest.mark.reading


TEA = SURE.replace("name: snack", "name: tea").replace("Open a bag", "Tea").replace("开袋赢大奖", "喝茶")
ANNA = ["Anna Lee", "13800138000", "12 King Street, Hong Kong"]


def _asked_where(stage: Stage) -> Stage:
    """u1 has won a phone and was asked for a name."""
    stage.publish(SURE)
    assert keys_of(play(stage)) == ["redeem.won", "delivery.name"]
    return stage


def test_a_delivery_is_asked_step_by_step_and_confirmed(stage: Stage) -> None:
    _asked_where(stage)
    assert [keys_of(stage.say(text)) for text in ANNA] == [
        ["delivery.phone"],
        ["delivery.address"],
        ["delivery.confirm"],
    ]
    assert keys_of(stage.say("2")) == ["delivery.name_again"]
    assert "name=Ann Lee" in stage.say("Ann Lee")
    assert stage.say("no") == "delivery.which\n2. choice.name\n3. choice.phone\n4. choice.address"
    assert stage.say("phone") == "delivery.phone item=A phone"
    assert "+8613900139000" in stage.say("139 0013 9000")
    assert stage.say("对的") == "claim.ready item=A phone"
    (claim,) = claims(stage)
    assert (claim.state, claim.revision) == ("ready", 1)
    assert details_of(stage.keys, claim).name == "Ann Lee"
    assert faults(stage) == []


# what is sent in the middle of a question, the key of what is told before the question comes again
BETWEEN = [
    ("points", "points.balance"),
    ("积分", "points.balance"),
    ("help", "help.answer"),
    ("?", "help.answer"),
    ("中文", "language.changed"),
    ("rules", "rules.answer"),
    ("invite", "invite.word"),
    ("english", "language.changed"),
]


def test_words_keep_their_meaning_and_the_question_is_put_again(stage: Stage) -> None:
    _asked_where(stage)
    for text, key in BETWEEN:
        told = keys_of(stage.say(text))
        assert (told[0], told[-1]) == (key, "delivery.name"), text
    assert keys_of(stage.say("Anna Lee")) == ["delivery.phone"]
    assert faults(stage) == []


def test_a_code_in_the_middle_of_a_question_is_a_code(stage: Stage) -> None:
    _asked_where(stage)
    assert keys_of(play(stage)) == ["redeem.won", "claim.later", "delivery.name"]
    assert keys_of(stage.say("Anna Lee")) == ["delivery.phone"]
    for text in ANNA[1:]:
        stage.say(text)
    assert keys_of(stage.say("yes")) == ["claim.ready", "delivery.name"]
    assert faults(stage) == []


def test_two_campaigns_ask_one_after_the_other(stage: Stage) -> None:
    _asked_where(stage)
    stage.publish(TEA)
    assert keys_of(play(stage, campaign="tea")) == ["redeem.won", "claim.later", "delivery.name"]
    for text in ANNA:
        stage.say(text)
    assert keys_of(stage.say("yes")) == ["claim.ready", "delivery.name"]
    assert {claim.campaign_id: claim.state for claim in claims(stage)} == {1: "ready", 2: "open"}
    assert keys_of(stage.say("Bob Lee")) == ["delivery.phone"]
    (mine, theirs) = sorted(claims(stage), key=lambda claim: claim.campaign_id)
    assert [details_of(stage.keys, claim).name for claim in (mine, theirs)] == ["Anna Lee", "Bob Lee"]
    assert faults(stage) == []


def test_a_question_of_one_campaign_does_not_empty_the_shelf_of_another(stage: Stage) -> None:
    _asked_where(stage)
    stage.publish(SNACK.replace("name: snack", "name: tea"))
    for code in stage.codes(4, "tea"):
        stage.say(code)
    assert keys_of(stage.say("gifts"))[0] == "gifts.which"
    assert keys_of(stage.say("1"))[0] == "gifts.choose"
    assert stage.say("ticket") == "gifts.confirm balance=40 item=Cinema ticket price=10" + YES_OR_NO
    assert keys_of(stage.say("yes"))[0] == "gifts.bought"
    assert faults(stage) == []


# id, an answer to "which name?", what is kept (None: it cannot be one)
NAMES = [
    ("plain", "Anna Lee", "Anna Lee"),
    ("Chinese", "王小明", "王小明"),
    ("line breaks", "Anna\nLee\r\n", "Anna Lee"),
    ("emoji", "Anna 🎉", "Anna 🎉"),
    ("right-to-left marks", "\u202eAnna\u202c", "Anna"),
    ("eight letters", "Beatrice", "Beatrice"),
    ("eight letters and spaces", "Ann Ember", "Ann Ember"),
    ("braces", "{name} {0}", "{name} {0}"),
    ("quotes", "O'Neil; --", "O'Neil; --"),
    ("60 characters", "n" * 60, "n" * 60),
    ("61 characters", "n" * 61, None),
    ("500 characters", "n" * 500, None),
    ("only emoji", "🎉🎉", None),
    ("a number", "7", None),
    ("a phone number", "13800138000", None),
]


def test_a_name_is_kept_as_people_write_it(stage: Stage) -> None:
    _asked_where(stage)
    for text in ANNA:
        stage.say(text)
    for name, text, kept in NAMES:
        stage.say("2")
        told = keys_of(stage.say(text))
        bad = "talk.answer" if name == "only emoji" else "delivery.bad_name"
        assert told == ([bad, "delivery.name_again"] if kept is None else ["delivery.confirm"]), name
        (claim,) = claims(stage)
        assert kept is None or details_of(stage.keys, claim).name == kept, name
        if kept is None:
            stage.say("cancel")
            stage.say("prizes")
    assert faults(stage) == []


def test_a_name_or_address_that_is_spelt_like_a_code_is_still_an_answer(stage: Stage) -> None:
    _asked_where(stage)
    strangers = stage.issue(3, active=False)[1]
    assert keys_of(stage.say("cancel")) == ["cancel.done"]
    unissued = _unissued(stage)
    stage.say("prizes")
    assert keys_of(stage.say(unissued)) == ["delivery.phone"]
    assert keys_of(stage.say("13800138000")) == ["delivery.address"]
    assert keys_of(stage.say(f"Flat {unissued} King Street")) == ["delivery.confirm"]
    stage.say("4")
    assert keys_of(stage.say(strangers[0])) == ["redeem.unknown", "delivery.address"]
    assert faults(stage) == []


def test_a_wrong_code_as_an_answer_still_counts_as_a_guess(stage: Stage) -> None:
    _asked_where(stage)
    for number in range(5):
        stage.say(_unissued(stage, number))
        stage.say("2")
        stage.say("cancel")
        stage.say("prizes")
        stage.say("2")
    assert keys_of(stage.say(_unissued(stage, 7)))[0] == "redeem.locked"
    assert faults(stage) == []


def _unissued(stage: Stage, number: int = 0) -> str:
    """A well spelt code that was never issued, with letters in it."""
    bits, make = code_maker(12, 1)
    return grouped(make((0xABCDEF0123456789 + number) & (1 << bits) - 1))


def test_an_answer_that_cannot_be_read_is_asked_for_once_more_and_then_left(stage: Stage) -> None:
    _asked_where(stage)
    assert keys_of(stage.say("7")) == ["delivery.bad_name", "delivery.name"]
    assert stage.say("7") == "question.dropped word=PRIZES"
    assert stage.say("Anna") == "unknown.answer"
    assert keys_of(stage.say("prizes")) == ["delivery.name"]
    assert states(stage) == ["open"]
    assert faults(stage) == []


# id, what is said after the question has expired, how it is answered
LATE = [
    ("what could be the answer", "mug", "question.expired"),
    ("a number", "1", "question.expired"),
    ("a known word", "points", "points.balance"),
    ("a friend's number", "13800138001", "recommend.waits"),
    ("a code with a slip", "ABCDEFGH2345", "redeem.typo"),
]


@pytest.mark.parametrize(("name", "text", "key"), LATE, ids=[row[0] for row in LATE])
def test_a_question_expires_and_what_means_something_else_keeps_its_meaning(
    stage: Stage, name: str, text: str, key: str
) -> None:
    stage.publish(SNACK)
    play(stage)
    assert keys_of(stage.say("gifts"))[0] == "gifts.choose"
    stage.wait(minutes=30)
    assert keys_of(stage.say(text))[0] == key
    assert keys_of(stage.say("mug"))[0] == "unknown.answer"
    assert faults(stage) == []


@pytest.mark.parametrize(("early", "key"), [(1, "gifts.confirm"), (0, "question.expired")])
def test_a_question_waits_to_the_microsecond(stage: Stage, early: int, key: str) -> None:
    stage.publish(SNACK)
    for code in stage.codes(2):
        stage.say(code)
    stage.say("gifts")
    stage.wait(minutes=30, microseconds=-early)
    assert keys_of(stage.say("1")) == [key]
    assert faults(stage) == []


@pytest.mark.parametrize("word", ["cancel", "never mind", "取消", "算了"])
def test_cancel_leaves_the_question_and_keeps_what_was_said(stage: Stage, word: str) -> None:
    _asked_where(stage)
    stage.say("Anna Lee")
    assert stage.say(word) == "cancel.done"
    assert stage.say(word) == "cancel.nothing"
    assert keys_of(stage.say("prizes")) == ["delivery.phone"]
    assert faults(stage) == []


def test_a_message_delivered_twice_in_the_middle_answers_once(stage: Stage) -> None:
    _asked_where(stage)
    first = stage.say("Anna Lee", id="m1")
    assert stage.say("Anna Lee", id="m1") == first
    assert keys_of(stage.say("13800138000", id="m2")) == ["delivery.address"]
    assert keys_of(stage.say("13800138000", id="m2")) == ["delivery.address"]
    twice = stage.take(stage.delivery(ANNA[2], id="m3"), stage.delivery(ANNA[2], id="m3"))
    assert twice[0].texts == twice[1].texts
    assert stage.say("another text", id="m3") == "tampered"
    assert keys_of(stage.say("yes")) == ["claim.ready"]
    assert faults(stage) == []


def test_question_and_answers_in_one_turn_also_of_a_new_player(stage: Stage) -> None:
    stage.publish(SURE)
    texts = [stage.codes(1)[0], *ANNA, "yes"]
    answers = stage.take(*(stage.delivery(text, by="new") for text in texts))
    told = [keys_of("\n".join(answer.texts)) for answer in answers]
    assert told[0] == ["redeem.won", "delivery.name"]
    assert told[1:] == [["delivery.phone"], ["delivery.address"], ["delivery.confirm"], ["claim.ready"]]
    assert faults(stage) == []


@pytest.mark.reading
@pytest.mark.parametrize("name", sorted(MECHANICS.prompts))
def test_what_a_question_says_of_how_to_begin_it_anew_is_understood(stage: Stage, name: str) -> None:
    for word in MECHANICS.prompts[name].begun_by.values():
        assert recognise(stage.message(word), frozenset(), MECHANICS.routes).route.is_keyword, word


@pytest.mark.reading
def test_who_cannot_be_understood_is_told_the_word_of_that_question(stage: Stage) -> None:
    stage.publish(SNACK)
    stage.say(stage.codes(1)[0])
    assert keys_of(stage.say("erase me")) == ["erase.confirm"]
    stage.say("how is the weather")
    assert stage.say("how is the weather") == "question.dropped word=ERASE ME"
    stage.say("erase me")
    stage.wait(days=2)
    assert stage.say("7") == "question.expired word=ERASE ME"
