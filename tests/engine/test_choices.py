"""Choices and pictures: buttons where there are buttons, numbered lines and addresses where there are none."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.engine.delivery import delivery
from core.engine.routes import recognise
from core.messages import Answer, Choice, InboundKind, InboundMessage, Reply, Rich
from core.models import Outbox
from core.outbox import RICH_COLUMN, reply_row
from core.texts.catalogue import Texts, compose
from core.texts.languages import LANGUAGES
from handlers import MECHANICS
from tests.relay.torchbearers import RELAY, begin, open_relay
from tests.snack import SNACK, SURE
from tests.stage import START, Stage
from tests.talking import faults

pytestmark = pytest.mark.reading

PHONE = "+8613800138000"
SITE = "https://huoju.example"


def _turn(stage: Stage, text: str, by: str = "u1") -> Answer:
    (answer,) = stage.take(stage.delivery(text, by=by))
    return answer


def _last(stage: Stage, text: str, by: str = "u1") -> tuple[str, Rich]:
    """The last text of an answer, plain and rich."""
    answer = _turn(stage, text, by)
    rich = answer.rich[-1]
    assert rich is not None
    return answer.texts[-1], rich


def _offered(stage: Stage, said: Sequence[str], by: str = "u1") -> tuple[str, Rich]:
    for text in said[:-1]:
        stage.say(text, by=by)
    return _last(stage, said[-1], by)


def _offers(rich: Rich) -> list[tuple[str, str]]:
    return [(button.says, button.label) for button in rich.buttons]


def _rich_player(stage: Stage, by: str = "u1") -> None:
    stage.publish(SNACK, spelled=False)
    for code in stage.codes(6):
        stage.say(code, by=by)


def _winner(stage: Stage, by: str = "u1") -> None:
    stage.publish(SURE, spelled=False)
    stage.say(stage.codes(1)[0], by=by)


# id, who plays, what is said, the text, the lines that follow where there are no buttons, the buttons
ENGLISH = [
    (
        "a gift",
        _rich_player,
        ["gifts", "mug"],
        "Mug for 20 points? You have 60.",
        ["1. Yes", "2. No"],
        [("1", "Yes"), ("2", "No")],
    ),
    (
        "the catalogue",
        _rich_player,
        ["gifts"],
        (
            "Open a bag: gifts for your points\n1. Mug: 20 points (2 left)\n2. Cinema ticket: 10 points (3 left)\n"
            "3. Bag of snacks: 10 points (5 left)\nYou have 60 points. Which one would you like? Send its number."
        ),
        [],
        [("1", "Mug"), ("2", "Cinema ticket"), ("3", "Bag of snacks")],
    ),
    (
        "an address",
        _winner,
        ["Anna Lee", "13800138000", "12 King Street"],
        "We'll send it (A phone) to:\nAnna Lee\n+8613800138000\n12 King Street",
        ["1. Yes, that's right", "2. Change the name", "3. Change the phone number", "4. Change the address"],
        [
            ("1", "Yes, that's right"),
            ("2", "Change the name"),
            ("3", "Change the phone number"),
            ("4", "Change the address"),
        ],
    ),
    (
        "a part of it",
        _winner,
        ["Anna Lee", "13800138000", "12 King Street", "no"],
        "Which part is wrong?",
        ["2. The name", "3. The phone number", "4. The address"],
        [("2", "The name"), ("3", "The phone number"), ("4", "The address")],
    ),
]


@pytest.mark.parametrize(
    ("name", "player", "said", "text", "lines", "buttons"), ENGLISH, ids=[row[0] for row in ENGLISH]
)
def test_what_may_be_chosen_reads_natively(
    stage: Stage,
    name: str,
    player: object,
    said: list[str],
    text: str,
    lines: list[str],
    buttons: list[tuple[str, str]],
) -> None:
    assert callable(player), name
    player(stage)
    stage.say("english")
    plain, rich = _offered(stage, said)
    assert plain == "\n".join([text, *lines])
    assert rich.text == text
    assert _offers(rich) == buttons
    assert faults(stage) == []


def test_it_is_chinese_for_those_who_speak_it(stage: Stage) -> None:
    _rich_player(stage)
    stage.say("中文")
    plain, rich = _offered(stage, ["礼品", "马克杯"])
    assert plain == "用20积分换“马克杯”？您有60积分。\n1. 是\n2. 否"
    assert _offers(rich) == [("1", "是"), ("2", "否")]


def test_a_gift_that_is_gone_has_no_button(stage: Stage) -> None:
    stage.publish(SNACK.replace("stock: 2, claim: delivery", "stock: 1, claim: delivery"), spelled=False)
    for by in ("u1", "u2"):
        for code in stage.codes(4):
            stage.say(code, by=by)
    for text in ("gifts", "1", "yes"):
        stage.say(text, by="u2")
    plain, rich = _last(stage, "gifts")
    assert "1. Mug: 20 points (all gone)" in plain
    assert [button.says for button in rich.buttons] == ["2", "3"]


def test_the_own_number_is_a_button(stage: Stage) -> None:
    _winner(stage, PHONE)
    plain, rich = _last(stage, "Anna Lee", PHONE)
    assert plain == rich.text
    assert _offers(rich) == [("1", "138****8000")]
    for text in ("1", "12 King Street"):
        shown = stage.say(text, by=PHONE)
    assert PHONE in shown
    assert faults(stage) == []


def test_prizes_are_buttons_by_their_titles(stage: Stage) -> None:
    stage.publish(SURE, spelled=False)
    for code in stage.codes(2):
        stage.say(code)
    plain, rich = _last(stage, "prizes")
    assert plain == rich.text
    assert _offers(rich) == [("1", "A phone"), ("2", "A phone")]


# id, campaign, the words that help has buttons for
HELP = [
    ("codes and goods", SNACK, ["points", "gifts", "prizes", "invite", "rules"]),
    ("a relay", RELAY, ["invite", "torch", "board", "rules"]),
]


@pytest.mark.parametrize(("name", "text", "words"), HELP, ids=[row[0] for row in HELP])
@pytest.mark.parametrize("came", [True, False])
def test_help_and_welcome_have_buttons_of_the_main_words(
    stage: Stage, name: str, text: str, words: list[str], came: bool  # drawn from a table
) -> None:  # fmt: skip
    stage.publish(text)
    message = stage.message("" if came else "help")
    if came:
        message = replace(message, kind=InboundKind.CAME)
    (answer,) = stage.take(delivery(message, stage.keys))
    (rich,) = answer.rich
    assert rich is not None, name
    assert sorted(button.says for button in rich.buttons) == sorted(words)
    assert answer.texts == (rich.text,)
    for word in words:
        assert not stage.say(word, typed=False).startswith("unknown")


@pytest.mark.parametrize("typed_words", [True, False])
def test_a_scan_offers_to_take_the_torch_by_a_button(stage: Stage, typed_words: bool) -> None:
    open_relay(stage, RELAY.replace("  window: 10m", "  window: 10m\n  typed_word: [test]"))
    word = begin(stage, "a")
    (answer,) = stage.take(stage.delivery(word, by="b", typed=False))
    (rich,) = answer.rich
    assert rich is not None
    (take,) = rich.buttons
    assert (take.says, take.label) == ("1", "choice.take_torch")
    assert take.question is not None
    assert answer.texts == (rich.text,)
    assert "relay.granted" in stage.say("1", by="b", question=None if typed_words else take.question)
    assert faults(stage) == []


def test_where_rights_are_counted_a_tap_does_not_replace_the_word(stage: Stage) -> None:
    """A tap gives a minute there, so the friend could hear nothing later."""
    open_relay(
        stage,
        RELAY.replace("[test, second]", "[test, wechat]").replace(
            "  window: 10m", "  window: 10m\n  channels: [test, wechat]"
        ),
    )
    word = begin(stage, "a")
    assert stage.say(word, by="b", channel="wechat", typed=False).startswith("relay.type_word")
    assert stage.say("1", by="b", channel="wechat", typed=False).startswith("relay.type_word")
    assert "relay.granted" in stage.say("1", by="b", channel="wechat")


def test_a_torch_shows_its_badge_and_the_plain_text_its_page(stage: Stage) -> None:
    stage.public_url = SITE
    open_relay(stage)
    plain, granted = _last(stage, "torch", "a")
    page = f"{SITE}/t/{plain.split('word=')[1].split()[0]}"
    assert granted.picture == f"{page}/badge.png?lang=en&unlit"
    assert plain == granted.text
    assert plain.count(SITE) == 1
    _, unlit = _last(stage, "torch", "a")
    assert unlit.picture == granted.picture
    stage.say(page.rsplit("/", 1)[1], by="b")
    _, lit = _last(stage, "torch", "a")
    assert lit.picture == f"{page}/badge.png?lang=en&lit"
    _, told = _queued(stage, "a")
    assert told.text.startswith("relay.lit")
    assert told.picture == lit.picture
    assert _turn(stage, "perk", "a").rich == (None,)
    assert faults(stage) == []


def _queued(stage: Stage, by: str) -> tuple[Outbox, Rich]:
    """The last notice of somebody."""
    with stage.sessions() as session:
        mine = (Outbox.address_key == stage.key(by)) & Outbox.ref.like("notice:%")
        row = session.scalars(select(Outbox).where(mine).order_by(Outbox.sequence.desc())).first()
    assert row is not None
    assert row.rich_sealed is not None
    opened = stage.keys.unseal(RICH_COLUMN, reply_row(row.address_key, row.ref, row.part), row.rich_sealed)
    return row, Rich.loaded(opened)


def test_the_badge_speaks_the_players_language(stage: Stage) -> None:
    stage.public_url = SITE
    open_relay(stage)
    _, rich = _last(stage, "火炬", "a")
    assert rich.picture is not None
    assert rich.picture.endswith("badge.png?lang=zh&unlit")


@pytest.mark.parametrize(("text", "page"), [(SNACK, "i"), (RELAY, "t")], ids=["invite", "relay"])
def test_an_invite_word_shows_its_qr(stage: Stage, text: str, page: str) -> None:
    stage.public_url = SITE
    stage.publish(text, spelled=False)
    plain, rich = _last(stage, "invite")
    word = plain.split("code: ")[1].split()[0]
    assert rich.picture == f"{SITE}/{page}/{word}/qr.png"
    assert plain == rich.text
    assert plain.endswith(f"Link: {SITE}/{page}/{word}")


def test_without_a_public_address_there_are_no_pictures(stage: Stage) -> None:
    open_relay(stage)
    assert _turn(stage, "torch", "a").rich == (None,)
    assert _turn(stage, "invite", "a").rich == (None,)


OWN = """
texts:
  en:
    gifts.confirm: "Swap {price} for {item}?\\n1) Oh yes\\n2) Rather not"
    gifts.choose: "{lines}\\nPick one!"
    relay.type_word: "Reply 1!"
"""


def test_a_campaigns_own_lines_stay_and_get_buttons(stage: Stage) -> None:
    stage.publish(SNACK + OWN, spelled=False)
    for code in stage.codes(4):
        stage.say(code)
    plain, rich = _offered(stage, ["gifts", "mug"])
    assert plain == rich.text == "Swap 20 for Mug?\n1) Oh yes\n2) Rather not"
    assert _offers(rich) == [("1", "Yes"), ("2", "No")]


OWN_LINES = [
    ("a dot", "Sure?\n1. Yes\n2. No", []),
    ("a bracket", "Sure?\n1) Yes\n2) No", []),
    ("Chinese", "确定吗？\n1、是\n2：否", []),
    ("indented", "Sure?\n  1. Yes\n  2. No", []),
    ("only one", "Sure?\n1. Yes", ["2. No"]),
    ("none", "Sure?", ["1. Yes", "2. No"]),
    ("a number in a sentence", "1 of 2 for you?", ["1. Yes", "2. No"]),
    ("another number", "Sure?\n12. Street", ["1. Yes", "2. No"]),
]


@pytest.mark.parametrize(("name", "text", "added"), OWN_LINES, ids=[row[0] for row in OWN_LINES])
def test_no_line_is_said_twice(name: str, text: str, added: list[str]) -> None:
    choices = (Choice("1", "Yes"), Choice("2", {"en": "No", "zh": "否"}))
    plain, rich = compose(Reply("own", {}, choices), Texts("en", {"own": text}))
    assert plain == "\n".join([text, *added]), name
    assert rich is not None
    assert rich.text == text


@given(st.text(max_size=60))
def test_a_players_words_take_no_line_away(address: str) -> None:
    choices = (Choice("1", "Yes"), Choice("2", "No"))
    for said in (address, f"1. {address}", f"x\n2. {address}"):
        plain, _ = compose(Reply("own", {"address": said}, choices), Texts("en", {"own": "To:\n{address}"}))
        assert plain.endswith("\n1. Yes\n2. No")


@pytest.mark.parametrize("language", LANGUAGES)
def test_shipped_texts_hold_no_lines_of_choices(language: str) -> None:
    texts = MECHANICS.texts()[language]
    assert [key for key, text in texts.items() if "\n1." in text or "\n2." in text] == []
    assert {key.split(".")[1] for key in texts if key.startswith("choice.")} >= {"yes", "no", "rules", "torch"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_label_of_a_word_means_the_word(language: str) -> None:
    """Where a tap brings back what the button showed, that is what is said."""
    labels = {
        key: label for key, label in MECHANICS.texts()[language].items() if key in {f"choice.{word}" for word in WORDS}
    }
    assert len(labels) == len(WORDS)
    for key, label in labels.items():
        assert _route_of(label) == _route_of(key.removeprefix("choice.")) != "unknown", label


WORDS = ("points", "gifts", "prizes", "invite", "torch", "board", "rules")


def _route_of(text: str) -> str:
    message = InboundMessage.received(("a", "b", "c"), "1", text, START, waits=True, kind=InboundKind.TAPPED)
    return recognise(message, frozenset(), MECHANICS.routes).route.name
