"""Where operators speak: only what they type or tap themselves, in a chat of their own, is a verb."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from bots.telegram.updates import Me, decode
from bots.telegram.webhook import inbound
from bots.wechat.events import fields_of, selected
from core.attachments import Media, MediaKind
from core.engine.delivery import delivery
from core.messages import InboundKind, InboundMessage
from core.operators import Role
from tests.adapters.telegram.updates import ANNA, BOT, GROUP, edited, in_group, message, tap, update
from tests.beginnings import begin
from tests.fakes.telegram import USERNAME
from tests.fakes.wechat import event
from tests.fakes.wechat import message as wechat_message
from tests.fakes.wechat import text as wechat_text
from tests.operators.test_chat import endings, state_of
from tests.stage import START, Stage
from tests.talking import faults

pytestmark = pytest.mark.reading


CHANNELS = ("test", "telegram", "wechat", "sms", "playground", "terminal")
PAUSE = "/campaign pause snack"
RUNS = {InboundKind.TYPED, InboundKind.TAPPED}
PASSED_ON = {
    "forwarded": {"forwarded": True},
    "a caption": {"caption": True},
    "beside a file": {"attachments": (Media(MediaKind.FILE, "f1", "snack.yaml"),)},
    "in a group": {"kind": InboundKind.GROUP, "member": "boss"},
    "in a group that hides its members": {"kind": InboundKind.GROUP},
}


def appoint_on_each_channel(stage: Stage) -> None:
    stage.publish()
    for channel in CHANNELS:
        stage.appoint(Role.OWNER, channel=channel)


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, appoint_on_each_channel)


def is_run(office: Stage, said: InboundMessage) -> bool:
    before = len(endings(office))
    office.dealt(delivery(said, office.keys))
    return endings(office)[before:] in (["done"], ["planned"])


@pytest.mark.reading
@pytest.mark.parametrize("channel", CHANNELS)
def test_of_all_kinds_of_messages_only_words_and_taps_run_a_verb(office: Stage, channel: str) -> None:
    ran = {
        kind
        for kind in InboundKind
        if is_run(office, office.message("/campaign list", by="boss", channel=channel, kind=kind))
    }
    assert ran == RUNS
    assert len(InboundKind) > 15


@pytest.mark.reading
@pytest.mark.parametrize("how", PASSED_ON)
@pytest.mark.parametrize("channel", CHANNELS)
def test_what_was_passed_on_runs_nothing(office: Stage, channel: str, how: str) -> None:
    said = office.message(PAUSE, by="boss", channel=channel)
    assert not is_run(office, replace(said, external_id="passed on", **PASSED_ON[how]))
    assert state_of(office) == "live"
    assert is_run(office, said)
    assert not faults(office)


def test_whoever_says_a_verb_in_a_group_is_asked_to_say_it_alone(office: Stage) -> None:
    office.say("hello", by="anna", channel="telegram")
    heard = office.message("/log", by="-100", channel="telegram", kind=InboundKind.GROUP)
    said = replace(heard, member="boss", language="en")
    again = replace(said, external_id="again", member="anna")
    assert office.dealt(delivery(said, office.keys)) == "Write that to me alone, not where others listen."
    assert endings(office) == ["refused"]
    asked_aside = office.dealt(delivery(again, office.keys))
    assert asked_aside == office.command("good morning", by="-100", channel="telegram", kind=InboundKind.GROUP)
    assert endings(office) == ["refused"], "in a group, strangers are nobody's strangers"


def test_a_word_that_makes_an_operator_makes_none_of_a_group(office: Stage) -> None:
    word = office.command("/operator invite owner Wang Wu", by="boss").split()[-1]
    said = office.message(f"/operator join {word}", by="-100", channel="telegram", kind=InboundKind.GROUP)
    office.dealt(delivery(replace(said, member="wang"), office.keys))
    assert endings(office) == ["done"]
    assert "Wang Wu" in office.command(f"/operator join {word}", by="wang", channel="telegram")


def test_a_forwarded_text_means_to_players_what_it_did(office: Stage) -> None:
    for words in ("points", "/points", "hello", PAUSE):
        said = office.message(words, by="anna", channel="telegram")
        forwarded = replace(said, external_id=f"{said.external_id}-f", forwarded=True)
        assert office.dealt(delivery(forwarded, office.keys)) == office.dealt(delivery(said, office.keys))


ORIGIN = {"type": "user", "date": 0, "sender_user": {"id": 5, "is_bot": False, "first_name": "Bo"}}
DOCUMENT = {"file_id": "f1", "file_unique_id": "u1", "file_name": "a.yaml"}
CHANNEL = {"id": -1005, "type": "channel", "title": "News"}
TELEGRAM: dict[str, tuple[dict[str, Any], bool]] = {
    "typed": (message(PAUSE), True),
    "typed in a topic": (message(PAUSE, message_thread_id=5, is_topic_message=True), True),
    "typed as a reply": (message(PAUSE, reply_to_message={"message_id": 5, "date": 0}), True),
    "tapped": (tap(PAUSE), True),
    "forwarded": (message(PAUSE, forward_origin=ORIGIN), False),
    "forwarded from a channel": (message(PAUSE, forward_origin={"type": "channel", "chat": CHANNEL}), False),
    "forwarded, hidden": (message(PAUSE, forward_origin={"type": "hidden_user", "sender_user_name": "B"}), False),
    "forwarded, as it was told before": (message(PAUSE, forward_date=0), False),
    "forwarded from somebody, before": (message(PAUSE, forward_from={"id": 5, "is_bot": False}), False),
    "forwarded from a chat, before": (message(PAUSE, forward_from_chat=CHANNEL), False),
    "forwarded from somebody hidden, before": (message(PAUSE, forward_sender_name="Bo"), False),
    "carried on": (message(PAUSE, is_automatic_forward=True), False),
    "edited": (edited(PAUSE), False),
    "a post": (update(channel_post=message(PAUSE, chat=CHANNEL)["message"]), False),
    "an edited post": (update(edited_channel_post=message(PAUSE, chat=CHANNEL)["message"]), False),
    "of a business": (update(business_message=message(PAUSE)["message"]), False),
    "a caption": (message(caption=PAUSE, document=DOCUMENT), False),
    "a caption of a picture": (message(caption=PAUSE, photo=[{"file_id": "p1"}]), False),
    "a caption of what nobody can read": (message(caption=PAUSE, document={"file_id": 7}), False),
    "by an inline bot": (message(PAUSE, via_bot={"id": 6, "is_bot": True, "first_name": "Gif"}), False),
    "of a channel": (message(PAUSE, sender_chat=CHANNEL), False),
    "scheduled": (message(PAUSE, is_from_offline=True), False),
    "by the link of a bot": (message(f"/start {PAUSE}"), False),
    "in a group": (in_group(PAUSE), False),
    "tapped in a group": (
        tap(PAUSE, message={"message_id": 9, "date": 0, "chat": {"id": GROUP, "type": "group"}}),
        False,
    ),
}


@pytest.mark.reading
@pytest.mark.parametrize("how", TELEGRAM)
def test_on_telegram(office: Stage, how: str) -> None:
    office.appoint(Role.OWNER, by=str(ANNA), channel="telegram")
    sent, runs = TELEGRAM[how]
    said = inbound("main", decode(sent, lambda: Me(BOT, USERNAME)), START)
    assert (said is not None and is_run(office, said)) is runs
    assert (state_of(office) == "paused") is runs


WECHAT: dict[str, tuple[str, bool]] = {
    "typed": (wechat_text("boss", PAUSE), True),
    "tapped": (wechat_text("boss", PAUSE, bizmsgmenuid="901"), True),
    "spoken": (wechat_message("boss", "voice", "2", Recognition=PAUSE, MediaId="m1", Format="amr"), False),
    "a key of the menu": (event("boss", "CLICK", PAUSE), False),
    "a scene": (event("boss", "SCAN", PAUSE), False),
    "a scene that was followed": (event("boss", "subscribe", f"qrscene_{PAUSE}"), False),
    "a picture": (wechat_message("boss", "image", "3", MediaId="m2", PicUrl="http://x"), False),
    "a link": (wechat_message("boss", "link", "4", Title=PAUSE, Description=PAUSE, Url="http://x"), False),
}


@pytest.mark.reading
@pytest.mark.parametrize("how", WECHAT)
def test_on_wechat(office: Stage, how: str) -> None:
    document, runs = WECHAT[how]
    root = ET.fromstring(document)
    found = selected(root, fields_of(root))
    assert found is not None
    said = InboundMessage.received(
        ("wechat", "main", found.user),
        found.external_id,
        found.text,
        START,
        waits=True,
        kind=found.kind,
        attachments=found.attachments,
    )
    assert is_run(office, said) is runs
    assert (state_of(office) == "paused") is runs
