"""People at a desk for the account, and answers that are too long for one."""

import json
from collections.abc import Iterator

import pytest

from bots.wechat.client import Client
from bots.wechat.outbound import WeChatSends
from core.sending.outbound import Category
from tests.adapters.wechat.rig import PLAYED, Chats, account
from tests.fakes import wechat
from tests.fakes.wechat import TRANSFERRED, event, text
from tests.sending.rig import Desk, queue, states
from tests.stage import Stage
from tests.talking import faults

CONTACT = "contact: {zh: 拨打 400-1234567, en: Call 400-1234567}\n"


@pytest.fixture(params=["aes", "plain"])
def with_desk(stage: Stage, request: pytest.FixtureRequest) -> Iterator[Chats]:
    stage.publish(PLAYED + CONTACT)
    chats = Chats(stage, safe=request.param == "aes", desk=True)
    yield chats
    chats.close()


def test_who_wants_a_person_is_handed_to_one(stage: Stage, with_desk: Chats) -> None:
    for number, words in enumerate(("人工", "客服", "转人工", "我要投诉", "customer service", "human please")):
        once = text("u", words, id=str(number))
        assert [with_desk.say(once) for _ in range(2)] == [TRANSFERRED] * 2
    assert with_desk.say(event("u", "CLICK", "客服")) == TRANSFERRED
    assert (with_desk.say(text("u", "help", id="9")) or "").startswith("help.answer")
    assert faults(stage) == []


def test_without_a_desk_the_campaign_says_whom_to_ask(stage: Stage, chats: Chats) -> None:
    stage.publish(PLAYED + CONTACT)
    assert "拨打 400-1234567" in (chats.say(text("u", "人工")) or "")


def test_a_desk_needs_no_campaign(stage: Stage) -> None:
    chats = Chats(stage, desk=True)
    assert chats.say(text("u", "人工")) == TRANSFERRED
    chats.close()


def test_what_was_held_is_not_lost_at_the_desk(stage: Stage, with_desk: Chats) -> None:
    assert with_desk.say(text("u", "help"))
    stage.wait(days=3)
    queue(stage, "u", Category.NOTICE, channel="wechat")
    desk = _sending(stage, 48001)
    assert states(stage) == ["held"]
    assert with_desk.say(text("u", "人工", id="2")) == TRANSFERRED
    assert len(states(stage)) == 1, "it still waits"
    desk.account.close()


def test_an_answer_that_is_too_long_begins_in_the_connection(stage: Stage, chats: Chats) -> None:
    lines = [f"{number}. 把包装里的代码发给我们，开袋赢大奖，祝好运" for number in range(35)]
    filled = "{title}{organiser}{goods}{friends}{torch}\n{consent}"
    told = {"help.stop": "\n".join([*lines[17:], ""]), "help.answer": "\n".join([*lines[:17], filled])}
    stage.publish(PLAYED + json.dumps({"texts": {"zh": told, "en": told}}, ensure_ascii=False)[1:-1], spelled=False)
    first = chats.say(text("u", "帮助")) or ""
    assert "0. 把包装" in first
    assert 1000 < len(first.encode()) <= 2048
    assert chats.say(text("u", "帮助")) == first
    _sending(stage, *[48001] * 99).account.close()
    heard, number = f"\n{first}", 1
    while states(stage):
        number += 1
        assert number < 9
        heard += f"\n{chats.say(text('u', 'points', id=str(number)))}"
    assert [heard.count(f"\n{line}. ") for line in range(35)] == [1] * 35
    assert faults(stage) == []


def _sending(stage: Stage, *how: int) -> Desk:
    with wechat.running(lambda: stage.now, counts_rights=True) as platform:
        platform.spoke("u")
        platform.misbehave("/custom/send", *how)
        api = Client(account(api_url=platform.url, notices=(), template=None))
        desk = Desk(stage, WeChatSends(api))
        desk.rounds()
        api.close()
    return desk
