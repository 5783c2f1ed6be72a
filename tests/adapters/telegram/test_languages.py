"""The language of an app counts until its player has one of their own, and never against it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram.updates import decode, parse
from core.sending.claim import claim
from core.texts.languages import is_language
from tests.adapters.telegram.rig import CHATTED, Chat
from tests.adapters.telegram.test_updates import ME
from tests.adapters.telegram.updates import ANNA, dumped, member, message, person, tap
from tests.stage import Stage

pytestmark = pytest.mark.reading


TAGS: list[tuple[Any, str | None]] = [
    ("zh", "zh"),
    ("zh-hans", "zh"),
    ("zh-hant", "zh"),
    ("zh-TW", "zh"),
    ("ZH_cn", "zh"),
    ("zh-hans-raw", "zh"),
    ("en", "en"),
    ("en-GB", "en"),
    ("EN-us", "en"),
    ("de", "de"),
    ("pt-br", "pt"),
    ("zha", None),
    ("enm-x", None),
    ("", None),
    ("-", None),
    (None, None),
    (7, None),
    (["zh"], None),
    ({"zh": 1}, None),
]


@pytest.mark.parametrize(("tag", "language"), TAGS)
def test_the_language_of_an_app(tag: Any, language: str | None) -> None:
    sender = {**person(), "language_code": tag}
    for sent in (
        message("hi", **{"from": sender}),
        tap("hi", **{"from": sender}),
        member("kicked", **{"from": sender}),
    ):
        update = decode(parse(dumped(sent)), lambda: ME)
        assert (update.words is not None, update.language) == (True, language)


@given(st.text(max_size=12))
def test_no_tag_costs_a_message(tag: str) -> None:
    update = decode(parse(dumped(message("hi", **{"from": {**person(), "language_code": tag}}))), lambda: ME)
    assert update.words is not None
    assert update.language is None or is_language(update.language)


@pytest.fixture
def plain(stage: Stage, chat: Chat) -> Chat:
    """A bot that speaks as people read it, in a campaign that speaks English."""
    stage.publish(CHATTED.replace("language: zh", "language: en"), spelled=False)
    return chat


def said_by(chat: Chat, text: str, tag: str | None) -> str:
    sender = {"id": ANNA, "is_bot": False, "first_name": "Anna"}
    (said,) = chat.say(message(text, **{"from": sender if tag is None else {**sender, "language_code": tag}}))
    return said


def is_chinese(text: str) -> bool:
    return any("一" <= symbol <= "鿿" for symbol in text)


STORIES = [
    # id                          what is said, with which app, and whether the answer is Chinese
    ("the app's, at first",       [("/start", "zh-hans", True)]),
    ("the other one",             [("/start", "en-GB", False)]),
    ("another, so the campaign's", [("/start", "de", False)]),
    ("none, so the campaign's",   [("/start", None, False)]),
    ("own words, whatever the app", [("help", "zh-TW", False), ("/start", "zh-TW", False)]),
    ("own words later",           [("/start", "en", False), ("帮助", "en", True), ("/start", "en", True)]),
    ("chosen",                    [("/start", "zh", True), ("english", "zh", False), ("/start", "zh-hant", False)]),
    ("the app changes",           [("/start", "zh", True), ("/start", "en", False)]),
    ("the app falls silent",      [("/start", "zh", True), ("/start", None, True)]),
]  # fmt: skip


@pytest.mark.parametrize("story", [row[1] for row in STORIES], ids=[row[0] for row in STORIES])
def test_in_which_language_somebody_is_answered(plain: Chat, story: list[tuple[str, str | None, bool]]) -> None:
    assert [is_chinese(said_by(plain, text, tag)) for text, tag, _ in story] == [chinese for _, _, chinese in story]


def test_what_is_sent_knows_the_language_of_the_app(plain: Chat) -> None:
    assert plain.post(message("/start", **{"from": {**person(), "language_code": "zh-TW"}})).status_code == 200
    stage = plain.stage
    (taken,) = claim(stage.sessions, stage.keys, plain.sends.outlet, stage.now, 5).taken
    assert taken.language == "zh"
