"""Kinds of messages: each way of turning to us is answered by what it means, and none of them but words plays."""

import pytest
from sqlalchemy import func, select

from core.engine.delivery import delivery
from core.engine.routes import recognise
from core.messages import Answer, InboundKind, InboundMessage
from core.models import Address, Join, NoticeRight, Player
from core.texts.languages import LANGUAGES
from handlers import MECHANICS
from tests.relay.torchbearers import open_relay
from tests.snack import SNACK, SURE
from tests.stage import START, Stage
from tests.talking import faults, keys_of, play, word_of

pytestmark = pytest.mark.reading

WORDLESS = [InboundKind(name) for name in ["came", "left", "showed", "group", "agreed", "started", "back", "stopped"]]


def _turn(stage: Stage, kind: InboundKind, text: str = "", by: str = "u1") -> Answer:
    external_id = f"{kind}-{next(stage._ids)}"
    message = InboundMessage.received(("test", "main", by), external_id, text, stage.now, waits=True, kind=kind)
    (answer,) = stage.take(delivery(message, stage.keys))
    return answer


def _count(stage: Stage, model: type[Player] | type[Join] | type[NoticeRight]) -> int:
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_every_kind_has_routes_of_its_own() -> None:
    for kind in WORDLESS:
        texts = ("", "stop", "积分", "START")
        messages = [
            InboundMessage.received(("test", "main", "u1"), "m", text, START, waits=True, kind=kind) for text in texts
        ]
        names = {recognise(message, frozenset(), MECHANICS.routes).route.name for message in messages}
        assert names == {kind.value}  # of the module wordless


# id, kind, text, the keys of the answer with a campaign
ANSWERS = [
    ("came", InboundKind.CAME, "", ["welcome.answer"]),
    ("came with something", InboundKind.CAME, "points", ["welcome.answer"]),
    ("started", InboundKind.STARTED, "", ["welcome.answer"]),
    ("back", InboundKind.BACK, "", []),
    ("stopped", InboundKind.STOPPED, "BAJA", ["stop.done"]),
    ("left", InboundKind.LEFT, "", []),
    ("a picture", InboundKind.SHOWED, "", ["showed.answer"]),
    ("a picture with a title", InboundKind.SHOWED, "holiday.jpg", ["showed.answer"]),
    ("a group", InboundKind.GROUP, "points", ["group.answer"]),
    ("stop in a group", InboundKind.GROUP, "stop", ["group.answer"]),
    ("a code in a group", InboundKind.GROUP, "code", ["group.answer"]),
    ("consent", InboundKind.AGREED, "T1", []),
    ("an absence note", InboundKind.UNATTENDED, "points", []),
    ("a scheduled STOP", InboundKind.UNATTENDED, "stop", ["stop.done"]),
    ("edited words", InboundKind.EDITED, "points", []),
    ("an edited STOP", InboundKind.EDITED, "stop", ["stop.done"]),
    ("an edited code", InboundKind.EDITED, "code", ["edited.again"]),
]


@pytest.mark.parametrize(("name", "kind", "text", "keys"), ANSWERS, ids=[row[0] for row in ANSWERS])
def test_a_kind_gets_its_answer_and_plays_nothing(
    stage: Stage, name: str, kind: InboundKind, text: str, keys: list[str]
) -> None:
    stage.publish(SNACK)
    said = stage.codes(1)[0] if text == "code" else text
    answer = _turn(stage, kind, said)
    assert [told.split(" ")[0] for told in answer.texts] == keys, name
    assert _count(stage, Player) == _count(stage, Join) == 0
    with stage.sessions() as session:
        (address,) = session.scalars(select(Address)).all()
    assert (address.language, address.campaign_id) == (None, None)
    assert faults(stage) == []


@pytest.mark.parametrize("kind", WORDLESS)
def test_without_a_campaign_it_is_the_same(stage: Stage, kind: InboundKind) -> None:
    answer = _turn(stage, kind, "x")
    chinese = MECHANICS.texts()["zh"]
    expected = {
        InboundKind.CAME: chinese["welcome.answer"].format(help=chinese["help.none"]),
        InboundKind.SHOWED: chinese["showed.answer"],
        InboundKind.GROUP: chinese["group.answer"],
        InboundKind.STARTED: chinese["welcome.answer"].format(help=chinese["help.none"]),
        InboundKind.STOPPED: chinese["stop.done"].format(title=""),
    }
    assert answer.texts == ((expected[kind],) if kind in expected else ())
    assert faults(stage) == []


def test_the_welcome_says_the_first_step(stage: Stage) -> None:
    stage.publish(SNACK, spelled=False)
    (said,) = _turn(stage, InboundKind.CAME).texts
    assert said.startswith("Welcome! Open a bag by Huoju Foods: send the code from your card to play.")
    assert "STOP" in said


def test_the_welcome_of_a_relay_names_the_torch(stage: Stage) -> None:
    open_relay(stage)
    (said,) = _turn(stage, InboundKind.CAME).texts
    assert "help.relay" in said
    assert "torch=help.torch" in said


# id, kind, the keys while a question waits for a name
WAITING = [
    ("came", InboundKind.CAME, ["welcome.answer", "delivery.name"]),
    ("a picture", InboundKind.SHOWED, ["showed.answer", "delivery.name"]),
    ("left", InboundKind.LEFT, []),
    ("consent", InboundKind.AGREED, []),
    ("an edit", InboundKind.EDITED, []),
    ("unattended", InboundKind.UNATTENDED, []),
]


@pytest.mark.parametrize(("name", "kind", "keys"), WAITING, ids=[row[0] for row in WAITING])
def test_a_question_goes_on_waiting(stage: Stage, name: str, kind: InboundKind, keys: list[str]) -> None:
    stage.publish(SURE)
    assert keys_of(play(stage)) == ["redeem.won", "delivery.name"]
    assert [told.split(" ")[0] for told in _turn(stage, kind).texts] == keys, name
    assert keys_of(stage.say("Anna Lee")) == ["delivery.phone"]
    assert faults(stage) == []


def test_what_was_agreed_to_is_counted_by_template(stage: Stage) -> None:
    assert _turn(stage, InboundKind.AGREED, f"T1 T2  T1 {'x' * 81}").texts == ()
    _turn(stage, InboundKind.AGREED, "T2")
    with stage.sessions() as session:
        rights = {right.template: right.left for right in session.scalars(select(NoticeRight))}
    assert rights == {"T1": 2, "T2": 2}
    assert faults(stage) == []


def test_a_consent_that_is_delivered_twice_counts_once(stage: Stage) -> None:
    message = InboundMessage.received(
        ("test", "main", "u1"), "e1", "T1", stage.now, waits=True, kind=InboundKind.AGREED
    )  # fmt: skip
    for _ in range(3):
        stage.take(delivery(message, stage.keys))
    with stage.sessions() as session:
        assert [right.left for right in session.scalars(select(NoticeRight))] == [1]


def test_a_group_is_nobodys_first_join(stage: Stage) -> None:
    stage.publish(SNACK)
    play(stage)
    word = word_of(stage)
    assert keys_of("\n".join(_turn(stage, InboundKind.GROUP, word, by="group1").texts)) == ["group.answer"]
    assert _count(stage, Player) == 1
    assert stage.say(word, by="u2").startswith("invite.joined")


@pytest.mark.parametrize("language", LANGUAGES)
def test_privacy_says_what_is_kept_and_whom_to_ask(stage: Stage, language: str) -> None:
    stage.publish(SNACK.replace("language: en", f"language: {language}"), spelled=False)
    for text in ("/privacy", "privacy", "Privacy Policy") if language == "en" else ("隐私", "隐私政策", "隐私条款"):
        said = stage.say(text, by=language)
        assert ("encrypted" if language == "en" else "加密") in said
        assert said.count("Huoju Foods" if language == "en" else "火炬食品") == 2


GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
FULL = SNACK + "relay: {window: 10m, qualify: [invited, code]}\n"
"""Everything that help may have to name."""


@pytest.mark.parametrize("before", ["", "stop"])
@pytest.mark.parametrize(("word", "most"), [("HELP", 2 * 153), ("帮助", 2 * 67)])
def test_help_fits_in_two_short_messages(stage: Stage, word: str, most: int, before: str) -> None:
    stage.publish(FULL, spelled=False)
    if before:
        stage.say("退订" if word == "帮助" else before)
    said = stage.say(word)
    assert len(said) <= most
    assert ("Huoju Foods" if word == "HELP" else "火炬食品") in said
    assert word != "HELP" or set(said) <= GSM


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "key", ["stop.done", "start.done", "start.already", "help.none", "showed.answer", "group.answer"]
)
def test_short_answers_fit_in_two_short_messages(key: str, language: str) -> None:
    text = MECHANICS.texts()[language][key]
    assert len(text) <= (2 * 153 - 30 if language == "en" else 2 * 67 - 15)
    assert language != "en" or set(text) - set("{}") <= GSM


def test_no_english_text_advertises_a_carriers_word() -> None:
    texts = MECHANICS.texts()["en"]
    assert [
        key for key, text in texts.items() if "cancel," in text or "send: cancel" in text or '"cancel"' in text
    ] == []
