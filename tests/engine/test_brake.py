"""Machines are not people: whatever an address says and how often, the texts that it gets within an hour are few."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.alphabet import code_maker
from core.brake import HELPLESS, Brake
from core.engine.routes import recognise
from core.messages import Answered, InboundKind, Reply
from core.models import Address, Consent, Inbox
from core.noise import is_noise
from core.texts.languages import LANGUAGES
from handlers import MECHANICS
from tests.snack import SNACK, SURE
from tests.stage import Stage
from tests.talking import faults, keys_of, play

pytestmark = pytest.mark.reading


BRAKE = Brake()

# What phones say by themselves, and what else no person repeats so often.
REPLIES = [
    "I am driving, will call you later",
    "您好，我现在不方便接听，稍后回复您。",
    "[Auto-Reply] I'm out of office until 12.05.2027. In urgent cases call 13800138000.",
    "This mailbox is not monitored.",
    "ABCD-EFGH-JKL",
    "🤖",
    "1",
]


@pytest.fixture
def shop(stage: Stage) -> Stage:
    """A stage on which nobody is answered without end."""
    stage.brake = BRAKE
    stage.publish(SNACK)
    return stage


def _answers(stage: Stage, texts: Sequence[str], by: str = "u1") -> list[str]:
    return [said for text in texts if (said := stage.say(text, by=by)) != Answered.NEW]


@pytest.mark.parametrize("reply", REPLIES)
def test_an_auto_reply_is_soon_left_alone(shop: Stage, reply: str) -> None:
    assert len(_answers(shop, [reply] * 40)) == BRAKE.helpless
    shop.wait(minutes=59)
    assert _answers(shop, [reply]) == []
    shop.wait(minutes=2)
    assert len(_answers(shop, [reply])) == 1
    with shop.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Inbox)) == 42
    assert faults(shop) == []


def test_what_people_say_is_answered_all_the_same(shop: Stage) -> None:
    """A sensible word is answered at any time, and gives a machine no more of the others."""
    codes = shop.codes(10)
    _answers(shop, ["gibberish"] * 9)
    assert all(keys_of(shop.say(code))[0] == "redeem.points" for code in codes)
    for text, key in (
        ("gifts", "gifts.choose"),
        ("2", "gifts.confirm"),
        ("yes", "gifts.bought"),
        ("help", "help.answer"),
    ):
        assert keys_of(shop.say(text))[0] == key
    assert keys_of(shop.say(_unissued()))[0] == "redeem.unknown"
    assert shop.say("gibberish") == Answered.NEW
    assert keys_of(shop.say("stop")) == ["stop.done"]
    assert keys_of(shop.say("start")) == ["start.done"]
    assert faults(shop) == []


def _unissued() -> str:
    bits, make = code_maker(12, 1)
    return make(0xABCDEF0123456789 & (1 << bits) - 1)


def test_one_address_that_is_left_alone_silences_no_other(shop: Stage) -> None:
    _answers(shop, ["gibberish"] * 9)
    assert keys_of(shop.say("gibberish", by="u2"))[0] == "welcome.answer"


@pytest.mark.parametrize("kind", [InboundKind.SHOWED, InboundKind.GROUP])
def test_pictures_and_groups_are_told_a_few_times(shop: Stage, kind: InboundKind) -> None:
    said = [shop.say("", kind=kind) for _ in range(20)]
    assert said.count(Answered.NEW) == 20 - BRAKE.helpless


def test_who_has_had_enough_is_heeded_though_not_answered(shop: Stage) -> None:
    play(shop)
    assert len(_answers(shop, ["points"] * 100)) == BRAKE.answers
    assert shop.say("english") == Answered.NEW
    with shop.sessions() as session:
        (address,) = session.scalars(select(Address))
    assert address.language == "en"
    assert keys_of(play(shop))[0] == "redeem.points"  # what a code brings is told at any time
    assert faults(shop) == []


def test_who_says_stop_or_help_or_start_hears_of_it_at_any_time(shop: Stage) -> None:
    """Whatever machine talks along: but nobody gets a loop of these, either."""
    _answers(shop, ["points", "gibberish"] * 100)
    assert keys_of(shop.say("STOP")) == ["stop.done"]
    assert keys_of(shop.say("help"))[0] == "help.answer"
    assert keys_of(shop.say("start")) == ["start.done"]
    assert shop.say("points") == Answered.NEW
    assert len(_answers(shop, ["stop", "start"] * 40)) == BRAKE.helpless - 3
    with shop.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Consent)) == 82
    assert faults(shop) == []


def test_a_busy_hour_of_a_player_is_answered_to_the_end(stage: Stage) -> None:
    """Thirty codes, three parcels, gifts, and all words in between, with slips."""
    stage.brake = BRAKE
    stage.publish(SURE.replace("per_player_per_day: 10, wrong", "per_player_per_day: 40, wrong"))
    codes = stage.codes(30)
    parcel = ("Wang", "13800138000", "12 Long Street, Hangzhou", "1")
    for code in codes[:3]:
        assert keys_of(stage.say(code))[0] == "redeem.won"
        for text in ("prizes", "1", *parcel):
            assert stage.say(text) != Answered.NEW, text
    stage.give(100)
    for text in ("points", "help", "gifts", "ticket", "yes", "gifts", "bag", "yes", "oops", "invite", "rules", "board"):
        assert stage.say(text) != Answered.NEW, text
    assert all(stage.say(code) != Answered.NEW for code in codes[3:])
    assert faults(stage) == []


def test_what_was_bought_is_told_at_any_time(shop: Stage) -> None:
    play(shop)
    shop.give(100)
    _answers(shop, ["points"] * (BRAKE.answers - 2))
    assert [shop.say(text) != Answered.NEW for text in ("gifts", "ticket", "yes", "points")] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("back", [{"days": 1}, {"hours": 3}])
def test_a_clock_that_is_set_back_silences_nobody_for_long(shop: Stage, back: dict[str, float]) -> None:
    _answers(shop, ["gibberish"] * 9)
    shop.now -= timedelta(**back)
    assert shop.say("gibberish") == "unknown.answer"


def test_an_answer_that_was_withheld_stays_so_when_its_message_comes_again(shop: Stage) -> None:
    _answers(shop, ["gibberish"] * 9)
    (first,) = shop.take(shop.delivery("gibberish", id="m1"))
    (again,) = shop.take(shop.delivery("gibberish", id="m1"))
    assert (first.texts, first.withheld, again.texts, again.how) == ((), True, (), Answered.REPEATED)


def test_in_one_turn_as_in_many(shop: Stage) -> None:
    answers = shop.take(*(shop.delivery("gibberish") for _ in range(30)))
    assert [bool(answer.texts) for answer in answers] == [True] * BRAKE.helpless + [False] * 25


def test_a_message_that_fails_is_apologised_for_a_few_times(shop: Stage) -> None:
    def fail(*_: object) -> list[Reply]:
        raise ZeroDivisionError

    shop.routes = tuple(replace(route, handle=fail) if route.name == "points" else route for route in MECHANICS.routes)
    answers = [shop.take(shop.delivery("points"))[0] for _ in range(12)]
    assert {answer.how for answer in answers} == {Answered.FAILED}
    assert sum(bool(answer.texts) for answer in answers) == BRAKE.helpless


_people = itertools.count(1)
SAID = st.one_of(
    st.sampled_from(["help", "points", "gifts", "1", "yes", "stop", "start", "code", "invite", "cancel", "english"]),
    st.text(min_size=1, max_size=12),
)


@settings(max_examples=3)
@given(texts=st.lists(SAID, min_size=1, max_size=5), quotes=st.booleans())
@example(texts=["hello"], quotes=False)
@example(texts=["stop", "start"], quotes=False)
@example(texts=["thanks"], quotes=True)
def test_no_machine_keeps_us_talking(stage: Stage, texts: list[str], quotes: bool) -> None:
    """One that answers each of our texts, by a text of its own or by quoting ours."""
    if stage.brake != BRAKE:
        stage.brake = BRAKE
        stage.publish(SNACK, spelled=False)
    by, heard, said = f"m{next(_people)}", 0, texts[0]
    for mine in itertools.islice(itertools.cycle(texts), 2 * BRAKE.answers):
        (answer,) = stage.take(stage.delivery(said, by=by))
        heard += bool(answer.texts)
        said = f"> {answer.texts[0]}" if quotes and answer.texts else mine
    assert heard <= BRAKE.answers + BRAKE.helpless


# id, what arrives as a text, whether it is one
NOISE = [
    ("bytes around a letter", "\x06\x05\x04R", True),
    ("a letter among what could not be decoded", "\ufffdR\ufffd", True),
    ("control characters", "\x00\x01\x02", True),
    ("half a surrogate", "\ud83d", True),
    ("private use", "\uf8ff\uf8ff", True),
    ("noncharacters", "\uffff\ufffeT", True),
    ("a smart card's command", "\x00\xa4\x04\x00\x02\x3f\x00", True),
    ("a word", "R", False),
    ("a code from a scanner", "\x1dABCDEFGHJKMN", False),
    ("lines", "a\r\n\tb", False),
    ("an emoji of several", "👨\u200d👩\u200d👧", False),
    ("nothing", "", False),
    ("blanks", " \n ", False),
    ("a cut emoji behind words", "thank you \ufffd", False),
    ("marks of direction", "\u202a+8613800138000\u202c", False),
]


@pytest.mark.parametrize(("name", "text", "noise"), NOISE, ids=[row[0] for row in NOISE])
def test_what_is_no_text_says_nothing(stage: Stage, name: str, text: str, noise: bool) -> None:
    message = stage.message(text)
    assert (message.kind is InboundKind.SHOWED) is noise, name
    assert (recognise(message, frozenset(), MECHANICS.routes).route.name == "showed") is noise


@given(st.text(max_size=20), st.lists(st.integers(0, 20), min_size=20, max_size=20))
def test_no_noise_is_a_word(text: str, places: list[int]) -> None:
    """However a word is strewn with as many control characters, it opts nobody out and redeems nothing."""
    for word in ("R", "STOP", "退订", text):
        strewn = list(word)
        for place in places[: max(len(word), 1)]:
            strewn.insert(place % (len(strewn) + 1), "\x02")
        assert is_noise("".join(strewn))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_helpless_texts_are_texts(language: str) -> None:
    assert MECHANICS.texts()[language].keys() >= HELPLESS
