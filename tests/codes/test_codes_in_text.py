"""Codes in what people type: found however they are wrapped, and never found in what people merely say."""

import random
from collections.abc import Callable
from itertools import product

import pytest

from core.alphabet import check_symbol, code_maker, grouped
from core.brake import Brake
from core.engine.routes import recognise
from core.messages import InboundMessage
from core.speech.codes_in_text import spelt_in
from handlers import MECHANICS
from handlers.codes.say import recognise_code, recognise_typo
from tests.sentences import CHINESE, ENGLISH, PINYIN, SENTENCES
from tests.stage import START, Stage

pytestmark = pytest.mark.reading

EARNED = "redeem.points balance=10 points=10"
LENGTHS = [8, 9, 10, 12, 16]
SHAPES = frozenset((length, True) for length in range(8, 17))
FULL_WIDTH = str.maketrans({letter: chr(ord(letter) + 0xFEE0) for letter in map(chr, range(0x21, 0x7F))})
NUMBER = "13800138000"


def _digits(zero: str) -> dict[int, str]:
    return {ord("0") + value: chr(ord(zero) + value) for value in range(10)}


WRAPPINGS: dict[str, Callable[[str], str]] = {
    "alone": grouped,
    "in small letters": str.lower,
    "in groups among words": lambda code: f"hello, mine is {grouped(code).replace('-', ' ')} thanks a lot",
    "after mine": lambda code: f"mine {grouped(code).replace('-', ' ')}",
    "glued to a keyword": lambda code: f"SNACK{code}",
    "glued to a small keyword": lambda code: f"snack{code.lower()}",
    "after a keyword": lambda code: f"SNACK {grouped(code)}",
    "before a word": lambda code: f"{code}thanks",
    "a keyword glued to its first group": lambda code: f"code{grouped(code)}",
    "above a phone's signature": lambda code: f"{grouped(code)}\nSent from my iPhone",
    "before a phone's signature": lambda code: f"{grouped(code).replace('-', ' ')} Sent from my iPhone",
    "above a Chinese signature": lambda code: f"{code}\n发自我的iPhone",
    "emoji": lambda code: f"🎉{grouped(code)} 👍👍",
    "keycaps": lambda code: "".join(f"{each}\ufe0f\u20e3" if each.isdigit() else each for each in code),
    "a group a line": lambda code: grouped(code).replace("-", "\n"),
    "hyphens at the line's end": lambda code: grouped(code).replace("-", "-\n"),
    "dots": ".".join,
    "underscores": lambda code: grouped(code).replace("-", "_"),
    "symbol by symbol among words": lambda code: f"my code is {' '.join(code)} ok?",
    "in pairs": lambda code: " ".join(code[at : at + 2] for at in range(0, len(code), 2)),
    "Arabic digits": lambda code: grouped(code).translate(_digits("٠")),
    "Persian digits and words": lambda code: f"کد من {code.translate(_digits('۰'))}",
    "Devanagari digits": lambda code: code.translate(_digits("०")),
    "full width": lambda code: grouped(code).translate(FULL_WIDTH),
    "a Chinese sentence": lambda code: f"你好，我的码是{grouped(code)}，能中奖吗？",
    "glued to Chinese": lambda code: f"抽奖{code}谢谢",
    "a label": lambda code: f"兑换码：{grouped(code)}",
    "a link": lambda code: f"https://play.example.com/c/{code}",
    "a link that names its campaign": lambda code: f"https://play.example.com/c/12/{code}?lang=zh",
    "o and l": lambda code: grouped(code).replace("0", "o").replace("1", "l"),
    "beside other numbers": lambda code: f"bought 2026-11-28 at 10:30, code {grouped(code)}, tel {NUMBER}",
}


def _issued(length: int, count: int) -> list[str]:
    bits, make = code_maker(length, 10**6)
    chance = random.Random(length)
    codes = dict.fromkeys(make(chance.getrandbits(bits)) for _ in range(count * 2))
    return [code for code in codes if not code.isalpha()][:count]


@pytest.mark.parametrize("length", LENGTHS)
def test_an_issued_code_is_found_however_it_is_wrapped_and_no_other_one(length: int) -> None:
    codes, code_formats = _issued(length, 200), frozenset({(length, True)})
    issued = set(_issued(length, 6_000))
    for (name, wrap), code in product(WRAPPINGS.items(), codes):
        found = {each.code for each in spelt_in(wrap(code), code_formats)}
        assert found & issued == {code}, (name, wrap(code))


@pytest.mark.parametrize("name", ["alone", "after mine", "glued to a keyword", "a Chinese sentence", "a link"])
def test_what_is_typed_as_codes_are_costs_a_try(name: str) -> None:
    free = [code for code in _issued(12, 2_000) if recognise_code(WRAPPINGS[name](code), SHAPES) is None]
    assert len(free) < 10  # a group that is a word


PAIRS = [
    *SENTENCES,
    *(f"{one}, {other}" for one, other in product(ENGLISH, ENGLISH[::2])),
    *(f"{one}，{other}" for one, other in product(CHINESE[:-3], CHINESE[:-3])),
    *(f"{one} {other}" for one, other in product(PINYIN, PINYIN)),
]


def test_what_people_merely_say_costs_no_try_and_is_no_typo() -> None:
    assert len(PAIRS) > 4_000
    assert [said for said in PAIRS if recognise_code(said, SHAPES) or recognise_typo(said, SHAPES)] == []
    loud = [said.upper() for said in SENTENCES]
    assert [said for said in loud if recognise_code(said, SHAPES) or recognise_typo(said, SHAPES)] == []


def test_the_parts_of_a_sentence_are_no_code_that_costs_a_try() -> None:
    said = [f"it says {code[:4]}, {code[4:8]}, {code[8:]}" for code in _issued(12, 200)]
    assert sum(recognise_code(text, SHAPES) is not None for text in said) < 10  # by chance, within one part


def test_one_text_names_a_few_codes_at_most() -> None:
    assert len(spelt_in(" ".join(_issued(12, 30)), SHAPES)) == 8


def test_no_code_of_letters_alone_is_issued(stage: Stage) -> None:
    stage.publish()
    _, codes = stage.issue(3_000)
    assert len(codes) == 3_000
    assert not [code for code in codes if code.replace("-", "").isalpha()]


def test_what_exists_is_meant_rather_than_what_only_passes_the_check(stage: Stage) -> None:
    stage.publish()
    tempted = 0
    for number, code in enumerate(stage.codes(60)):
        said = f"mine {code.replace('-', ' ')}"
        tempted += len(spelt_in(said, frozenset({(12, True)}))) > 1
        assert stage.say(said, by=f"u{number}").startswith("redeem.points"), said
    assert tempted


@pytest.mark.parametrize("between", [", ", "，", "; ", "、", ". "])
def test_a_code_divided_like_a_list_is_no_typo(stage: Stage, between: str) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    assert stage.say(code.replace("-", between)) == EARNED


def test_two_real_codes_are_asked_for_and_one_of_several_candidates_is_not(stage: Stage) -> None:
    stage.publish()
    first, second = stage.codes(2)
    assert stage.say(f"{first} and {second}") == "redeem.several"
    assert stage.say(f"{first}, {_unknown(first)}") == EARNED
    assert stage.say(f"{_unknown(first)}, {second}", by="u2") == EARNED


def test_guesses_beside_a_code_that_is_known_are_counted(stage: Stage) -> None:
    stage.publish()
    (mine,) = stage.codes(1)
    assert stage.say(mine) == EARNED
    guesses = [code for code in _issued(12, 50) if recognise_code(code, SHAPES)]
    for guess in guesses[:5]:
        assert stage.say(f"{mine} {guess}") == "redeem.used_by_you"
    assert stage.say(guesses[5]) == "redeem.locked"


def test_a_code_that_does_not_count_yet_is_like_one_that_does_not_exist(stage: Stage) -> None:
    stage.publish()
    (mine,), (inert,) = stage.codes(1), stage.issue(1, active=False)[1]
    assert stage.say(mine) == EARNED
    said = [stage.say(f"{mine} {other}", by=f"u{number}") for number, other in enumerate([inert, _unknown(inert)], 2)]
    assert said == ["redeem.used"] * 2
    strangers = [code for code in _issued(12, 50) if recognise_code(code, SHAPES)][:6]
    assert [stage.say(code, by="u9") for code in strangers] == ["redeem.unknown"] * 5 + ["redeem.locked"]


def test_what_looks_like_words_is_looked_up_a_few_times_an_hour(stage: Stage) -> None:
    stage.publish()
    stage.brake = Brake()
    code = next(code for code in stage.codes(300) if _hidden(code))
    assert stage.say(_paired(code), by="u1") == EARNED
    code = next(code for code in stage.codes(300) if _hidden(code))
    stage.say("help", by="u2")
    assert {stage.say("how is the weather", by="u2") for _ in range(5)} == {"unknown.answer"}
    assert stage.say(_paired(code), by="u2") == "new"  # it is not answered any more
    assert stage.say(code, by="u2") == EARNED


@pytest.mark.parametrize(("text", "sets_language"), [("BAND-VP3V-5QK9", False), ("I have BAND-VP3V-5QK9", True)])
def test_a_code_speaks_no_language_whatever_word_is_in_it(text: str, sets_language: bool) -> None:
    """Or whoever plays with it would be spoken to in English from then on."""
    message = InboundMessage.received(("test", "main", "u1"), "1", text, START, waits=True)
    assert recognise(message, SHAPES, MECHANICS.routes).route.sets_language is sets_language


def _paired(code: str) -> str:
    return WRAPPINGS["in pairs"](code.replace("-", ""))


def _hidden(code: str) -> bool:
    return recognise_code(_paired(code), SHAPES) is None


def _unknown(code: str) -> str:
    """Another code with its check symbol right."""
    body = code.replace("-", "")[:-1]
    body = ("2" if body[0] != "2" else "3") + body[1:]
    return body + check_symbol(body)
