"""The button below a plan goes away when the plan waits no more, however that came about."""

import re
from collections.abc import Iterator

import pytest

from core.operators import Role
from tests.adapters.telegram.rig import CHATTED, Chat, until
from tests.adapters.telegram.updates import message, tap
from tests.fakes.telegram import FakeTelegram
from tests.stage import Stage

BOSS = 1111111


@pytest.fixture
def chat(stage: Stage, fake: FakeTelegram) -> Iterator[Chat]:
    stage.publish(CHATTED)
    stage.appoint(Role.OWNER, by=str(BOSS), channel="telegram")
    stage.say("english", by=str(BOSS), channel="telegram")
    chat = Chat(stage, fake)
    yield chat
    chat.close()


def planned(chat: Chat) -> tuple[str, int]:
    """The word of a plan, and the number of the message below which its button is."""
    name = re.search(r"name: (\S+)", CHATTED)
    assert name is not None
    (told,) = chat.say(message(f"/campaign end {name[1]}", by=BOSS))
    word = re.search(r"/confirm (\w{4})", told)
    assert word is not None
    assert f"/confirm {word[1]}" in str(chat.fake.bot.sent[-1]["reply_markup"])
    return word[1], chat.fake.bot.sent[-1]["message_id"]


def cleared(chat: Chat) -> list[int]:
    """The messages whose buttons were taken away."""
    return [int(call["message_id"]) for call in chat.fake.bot.called("editMessageReplyMarkup")]


def test_a_typed_confirmation_takes_the_button_away(chat: Chat) -> None:
    word, below = planned(chat)
    chat.say(message("/campaign list", by=BOSS))
    assert cleared(chat) == [], "the plan still waits"
    chat.say(message(f"/confirm {word}", by=BOSS))
    until(lambda: cleared(chat) == [below])
    chat.say(message(f"/confirm {word}", by=BOSS))
    until(lambda: cleared(chat) == [below])


def test_a_plan_that_is_over_loses_its_button_when_it_is_refused(chat: Chat) -> None:
    word, below = planned(chat)
    chat.say(message("/confirm ZZZ9", by=BOSS))
    assert cleared(chat) == [], "that is no word of it"
    chat.stage.wait(seconds=61)
    (told,) = chat.say(message(f"/confirm {word}", by=BOSS))
    assert "is over" in told
    until(lambda: cleared(chat) == [below])


def test_a_tap_that_is_refused_leaves_no_button_either(chat: Chat) -> None:
    word, below = planned(chat)
    chat.stage.wait(seconds=61)
    chat.say(tap(f"/confirm {word}", by=BOSS))
    until(lambda: below in cleared(chat))
