"""One notion of decoration: every word of the product is known whatever stands around it, and means one thing."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

import handlers
from core.alphabet import code_maker, grouped
from core.engine.routes import CodeFormats, recognise
from core.messages import InboundMessage
from core.speech.answers import number_in, yes_or_no
from core.speech.decoration import unsigned
from core.speech.keywords import plain
from handlers import MECHANICS
from tests.stage import START

SHAPES: CodeFormats = frozenset({(12, True)})
AROUND = (
    " {} ",
    "{}!",
    "{}。",
    "“{}”",
    "「{}」",
    "*{}*",
    "/{}",
    "#{}",
    "[{}]",
    "【{}】",
    "{} 🙏",
    "🎉{}🎉",
    "{}👍🏽",
    "{}❤️",
    "{}[呲牙]",
    "{}[OK][强]",
    "{}/:rose",
    "{} /::)",
    "{} please",
    "{}\nthanks",
    "{}谢谢",
    "{}\nSent from my iPhone",
    "{}\n\n发自我的iPhone",
    "{}\nGet Outlook for iOS",
    "{}\n-- \nJohn",
    "{}\n> send the code from your card",
    "{}【张三】",
    "\u200b{}\ufe0f",
)


@cache  # most workers never ask
def _words() -> dict[str, set[str]]:
    """What handlers know by heart, and the modules that do."""
    found = defaultdict[str, set[str]](set)
    for path in sorted(Path(handlers.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Means":
                for arg in node.args:
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str):
                        found[plain(arg.value)].add(f"{path.parent.name}.{path.stem}:{node.lineno}")
    return found


def _route(text: str) -> str:
    message = InboundMessage.received(("test", "main", "u1"), "m1", text, START, waits=True)
    return recognise(message, SHAPES, MECHANICS.routes).route.name


def test_no_two_intents_claim_one_word() -> None:
    assert len(_words()) > 150
    assert {word: where for word, where in _words().items() if len(where) > 1} == {}


def test_every_word_is_found_whatever_is_around_it() -> None:
    missed = []
    for word in _words().keys() - {"?"}:
        means = _route(word)
        missed += [said for around in AROUND if _route(said := around.format(word)) != means]
    assert missed == []


@pytest.mark.parametrize("around", AROUND)
def test_an_answer_is_one_whatever_is_around_it(around: str) -> None:
    assert [yes_or_no(around.format(word)) for word in ("yes", "好的", "no", "不要")] == [True, True, False, False]


@pytest.mark.parametrize("text", ["2️⃣", "２", "②", "2 🙏", "2.\nSent from my iPhone", "二[呲牙]", "第2个"])
def test_a_number_is_one_whatever_is_around_it(text: str) -> None:
    assert number_in(text) == 2


# what somebody sent, what of it are words
UNSIGNED = [
    ("points\nSent from my iPhone", "points"),
    ("ABCD-EFGH-JKMN\n\nSent from my Galaxy S24 Ultra", "ABCD-EFGH-JKMN"),
    ("积分\n发自我的iPhone", "积分"),
    ("积分 发自我的 HUAWEI Mate 60 Pro", "积分"),
    ("points\n-- \nJohn Smith\n+1 202 555 0100", "points"),
    ("points\nKind regards,\nAnna", "points"),
    ("points\nOn Tue, Dec 1, 2026, Huoju <x@y.z> wrote:\n> hello", "points"),
    ("points\n> hello\n> again", "points"),
    ("【火炬】积分", "积分"),
    ("Sent from my iPhone", "Sent from my iPhone"),
    ("【火炬】", "【火炬】"),
    ("I sent a mail", "I sent a mail"),
    ("my phone is lost", "my phone is lost"),
    ("来自北京", "来自北京"),
    ("从明天开始", "从明天开始"),
    ("a - b", "a - b"),
    ("line one\nline two", "line one\nline two"),
]


@pytest.mark.parametrize(("text", "left"), UNSIGNED)
def test_what_a_phone_wrote_below_is_left_out(text: str, left: str) -> None:
    assert unsigned(text) == left


@pytest.mark.parametrize(
    "below", ["Sent from my iPhone", "发自我的iPhone", "-- \nJohn 2", "> 1 of 2", "Get Outlook for iOS"]
)
def test_a_code_is_one_whatever_a_phone_wrote_below_it(below: str) -> None:
    code = grouped(code_maker(12, 1)[1](12345678901234567))
    assert _route(f"{code}\n{below}") == _route(f"Code: {code}\n\n{below}") == "redeem"
