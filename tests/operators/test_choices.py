"""Choices below what a verb answers: buttons on Telegram, numbers on WeChat, words over SMS."""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from core.campaign.platforms import page_of
from core.messages import Rich
from core.models import Inbox, Outbox
from core.operators import Role
from core.outbox import open_rich, reply_row
from handlers.operators.tables import LogEntry
from tests.adapters.sms.rig import SECRET, kannel_account
from tests.adapters.sms.rig import Chats as SmsChats
from tests.adapters.sms.rig import chats as sms_chats
from tests.adapters.telegram.rig import CHATTED, Chat
from tests.adapters.telegram.updates import ANNA, message, tap
from tests.adapters.wechat.rig import PLAYED, Chats
from tests.fakes.gateways import Kannel
from tests.fakes.telegram import fake_telegram
from tests.fakes.wechat import text
from tests.operators.test_chat import endings, state_of, word_in
from tests.stage import Stage
from tests.talking import faults

pytestmark = pytest.mark.reading


PHONE = "+8613800138000"
WECHAT = {"channel": "wechat", "by": "boss"}


@pytest.fixture
def office(stage: Stage) -> Stage:
    stage.publish(PLAYED)
    stage.appoint(Role.OWNER, **WECHAT)
    return stage


def planned(office: Stage) -> str:
    told = office.command("/campaign end snack", **WECHAT)
    assert told.endswith("\n1. Confirm"), told
    return told


@pytest.mark.parametrize("number", ["1", " 1 ", "１", "1.", "1。"])
def test_a_number_confirms_what_was_just_planned(office: Stage, number: str) -> None:
    planned(office)
    assert "snack is ended now." in office.command(number, **WECHAT)
    assert state_of(office) == "ended"
    assert endings(office) == ["planned", "done"]
    assert not faults(office)


@pytest.mark.parametrize("number", ["2", "11", "1 2", "one", "0"])
def test_another_number_confirms_nothing(office: Stage, number: str) -> None:
    planned(office)
    office.command(number, **WECHAT)
    assert state_of(office) == "live"


def test_a_number_that_comes_again_is_done_once(office: Stage) -> None:
    planned(office)
    said = office.delivery("1", **WECHAT)
    first = office.dealt(said)
    assert [office.dealt(said) for _ in range(2)] == [first, first]
    assert endings(office) == ["planned", "done"]


def test_a_number_after_the_time_to_confirm_is_over_says_so(office: Stage) -> None:
    planned(office)
    office.wait(seconds=61)
    assert "is over" in office.command("1", **WECHAT)
    assert state_of(office) == "live"


def test_a_number_is_a_players_where_something_else_was_said_since(office: Stage) -> None:
    office.say("hello", by="anna", channel="wechat")
    planned(office)
    office.command("points", **WECHAT)
    players = office.command("1", **WECHAT)
    assert state_of(office) == "live"
    assert players == office.say("1", by="anna", channel="wechat")
    office.command("/campaign pause snack", **WECHAT)
    assert office.command("1", **WECHAT) == players, "nothing was offered"
    planned(office)
    office.wait(minutes=31)
    assert office.command("1", **WECHAT) == players, "that was long ago"


def test_a_number_of_a_stranger_or_of_another_chat_is_a_players(office: Stage) -> None:
    office.appoint(Role.OWNER, channel="wechat", by="second phone")
    office.say("hello", by="anna", channel="wechat")
    planned(office)
    for by in ("anna", "second phone"):
        office.command("1", by=by, channel="wechat")
    assert state_of(office) == "live"
    assert endings(office) == ["planned"]


def test_pages_are_turned_by_number(office: Stage) -> None:
    first = office.command("/help", **WECHAT)
    assert first.endswith("\n1. More")
    read = [first]
    while read[-1].endswith("\n1. More"):
        read.append(office.command("1", **WECHAT))
    assert len(read) > 1
    assert all(len(page) <= page_of("wechat") + 20 for page in read)
    assert office.command("/more", **WECHAT) == "There is no more."
    for verb in ("/campaign", "/operator", "/audit"):
        assert verb in "\n".join(read)


def test_a_plan_of_many_pages_can_be_confirmed_from_each(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.operators.say.page_of", lambda _channel: 60)
    assert office.command("/campaign end snack", **WECHAT).endswith("1. Confirm\n2. More")
    assert office.command("2", **WECHAT).endswith("1. Confirm\n2. More")
    assert "snack is ended now." in office.command("1", **WECHAT)
    assert endings(office) == ["planned", "done", "done"]
    assert not faults(office)


def buttons(stage: Stage, **where: str) -> list[tuple[str, str]]:
    with stage.sessions() as session:
        key = stage.key(**where)
        row = session.scalars(select(Outbox).where(Outbox.address_key == key).order_by(Outbox.sequence.desc())).first()
        assert row is not None
        rich: Rich | None = open_rich(stage.keys, reply_row(key, row.ref, row.part), row.rich_sealed)
    return [(one.says, one.label) for one in rich.buttons] if rich else []


def test_where_there_are_buttons_they_say_the_verb(stage: Stage) -> None:
    stage.publish()
    stage.appoint(Role.OWNER)
    word = word_in(stage.command("/campaign end snack", by="boss"))
    assert buttons(stage, by="boss") == [(f"/confirm {word}", "Confirm")]
    stage.command("1", by="boss")
    assert state_of(stage) == "live", "nobody was told of numbers"
    stage.appoint(Role.OWNER, by="other", name="Wang Wu")
    assert "another operator" in stage.command(f"/confirm {word}", by="other", typed=False)
    assert "snack is ended now." in stage.command(f"/confirm {word}", by="boss", typed=False)
    assert buttons(stage, by="boss") == []


@pytest.fixture
def telegram(stage: Stage) -> Iterator[Chat]:
    stage.publish(CHATTED)
    with fake_telegram() as fake:
        chat = Chat(stage, fake)
        yield chat
        chat.close()


def test_a_button_of_telegram_is_tapped_once_and_goes(telegram: Chat) -> None:
    stage = telegram.stage
    stage.appoint(Role.OWNER, by=str(ANNA), channel="telegram")
    telegram.deliver()
    telegram.say(message("/campaign end snack"))
    sent = telegram.fake.bot.sent[-1]
    assert "reply_markup" in sent
    data = re.search(r'"callback_data": *"=(/confirm \w{4})"', str(sent["reply_markup"]).replace("'", '"'))
    assert data is not None, sent
    tapped = tap(data[1])
    assert "snack is ended now." in telegram.say(tapped)[0]
    assert telegram.say(tapped) == []
    (again,) = telegram.say(tap(data[1]))
    assert "nothing was done again" in again
    assert telegram.fake.bot.called("editMessageReplyMarkup"), "the buttons are taken away"
    assert state_of(stage) == "ended"
    assert endings(stage) == ["planned", "done", "refused"]
    assert not faults(stage)


@pytest.fixture
def wechat(office: Stage) -> Iterator[Chats]:
    chats = Chats(office)
    yield chats
    chats.close()


def test_three_deliveries_of_wechat_are_one_verb_answered_in_the_connection(wechat: Chats) -> None:
    stage = wechat.stage
    heard = [wechat.say(text("boss", "/campaign end snack", "77")) for _ in range(3)]
    assert len(set(heard)) == 1
    assert (heard[0] or "").endswith("1. Confirm")
    chosen = [wechat.say(text("boss", "1", "78")) for _ in range(3)]
    assert len(set(chosen)) == 1
    assert "snack is ended now." in (chosen[0] or "")
    assert endings(stage) == ["planned", "done"]
    with stage.sessions() as session:
        mine = Inbox.address_key == stage.key(**WECHAT)
        assert session.scalar(select(func.count()).select_from(Inbox).where(mine)) == 3
    assert not faults(stage)


def test_a_late_answer_of_wechat_is_sent_and_the_verb_is_done_once(office: Stage) -> None:
    late = Chats(office, late_s=6.0)
    assert [late.say(text("boss", "/campaign pause snack", "79")) for _ in range(3)] == [None] * 3
    late.close()
    assert state_of(office) == "paused"
    assert endings(office) == ["done"]
    assert office.told(**WECHAT)[-1] == "snack is paused now."


@pytest.fixture
def sms(stage: Stage) -> Iterator[SmsChats]:
    with sms_chats(stage, kannel_account()) as chat:
        stage.appoint(Role.OWNER, by=PHONE, channel="sms")
        yield chat


def test_over_sms_a_forged_sender_changes_nothing(sms: SmsChats) -> None:
    stage, told = sms.stage, list[str]()
    for number, words in enumerate(("/campaign pause snack", "1", "1.", "/more", "/confirm 7KQ2", "/confirm")):
        answer = sms.call(Kannel.message("main", SECRET, words, sender=PHONE, id=f"m{number}"))
        told.append(answer.data.decode())
    assert "/confirm" in told[0], "the word goes to the number, where the forger does not read it"
    assert "1. Confirm" not in told[0]
    assert state_of(stage) == "live"
    word = word_in(told[0])
    answer = sms.call(Kannel.message("main", SECRET, f"/confirm {word}", sender=PHONE, id="m9"))
    assert "snack is paused now." in answer.data.decode()
    assert state_of(stage) == "paused"
    assert not faults(stage)


def test_over_sms_answers_are_short_and_pages_are_turned(sms: SmsChats) -> None:
    def say(words: str, id: str) -> str:
        return sms.call(Kannel.message("main", SECRET, words, sender=PHONE, id=id)).data.decode()

    first = say("/help", "m1")
    second = say("1", "m2")
    assert first.endswith("1. More")
    assert second.endswith("1. More")
    assert first != second
    assert max(map(len, (first, second))) <= 4 * 67
    assert endings(sms.stage) == ["done", "done"]
    with sms.stage.sessions() as session:
        assert list(session.scalars(select(LogEntry.verb).order_by(LogEntry.number))) == ["help", "more"]
