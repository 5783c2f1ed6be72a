"""Edits: who mends a code is told what to do, STOP is heard, and everything else that is edited is nobody's message."""

from typing import Any

import pytest
from sqlalchemy import select

from bots.telegram.commands import set_webhook
from core.alphabet import code_maker
from core.engine.delivery import Delivery, delivery
from core.messages import InboundKind, InboundMessage
from core.models import Address, Inbox
from tests.adapters.telegram.rig import CHATTED, PUBLIC, Chat
from tests.adapters.telegram.updates import ANNA, EDITED_AT, bot, edited, group, message, private, update
from tests.fakes.telegram import SECRET
from tests.stage import Stage
from tests.talking import faults

pytestmark = pytest.mark.reading

BEN = 2222222
AGAIN = ["edited.again"]
UNISSUED = code_maker(12, 1)[1](0xABCDEF0123)
REDEEMED = ["redeem.points balance=10 points=10"]


def _tries(chat: Chat) -> int:
    with chat.stage.sessions() as session:
        return sum(address.wrong_tries for address in session.scalars(select(Address)))


WRAPPINGS = ["{}", " {} ", "code: {}", "here it is: {} thanks", "抽奖码{}", "{} 🙏", "/redeem {}", "<b>{}</b>"]


def test_a_code_that_was_mended_is_asked_for_again(chat: Chat) -> None:
    codes = chat.stage.codes(len(WRAPPINGS))
    for by, (wrapping, code) in enumerate(zip(WRAPPINGS, codes, strict=True), BEN + 1):
        assert chat.say(edited(wrapping.format(code), by=by)) == AGAIN, wrapping
        assert chat.say(message(code, by=by)) == REDEEMED
        assert chat.say(edited(wrapping.format(code), at=EDITED_AT + 1, by=by)) == [], "it has been played by now"
        assert chat.say(edited(wrapping.format(code), by=BEN)) == AGAIN, "whose it is is not told"
    assert (_tries(chat), faults(chat.stage)) == (0, [])


def test_an_edit_is_no_guess(chat: Chat) -> None:
    """It costs no try, so it tells nothing: neither whether there is such a code, nor whether it was played."""
    (code,) = chat.stage.codes(1)
    chat.say(message(code, by=BEN))
    said = [chat.say(edited(text)) for text in (code, UNISSUED, code[:-1])]
    assert (said, _tries(chat)) == ([AGAIN] * 3, 0)
    assert chat.say(message(code)) == ["redeem.used"]


def test_codes_beside_one_that_was_played_are_asked_for(chat: Chat) -> None:
    mine, other = chat.stage.codes(2)
    chat.say(message(mine))
    assert chat.say(edited(f"{mine}, {mine}")) == []
    assert chat.say(edited(f"{mine}\n{other}")) == AGAIN


def test_the_same_edit_is_answered_once(chat: Chat) -> None:
    """Delivered again, or told of again because a preview was loaded, or somebody liked it: under another number."""
    first, second = chat.stage.codes(2)
    chat.fake.bot.webhook = {"url": f"{PUBLIC}/telegram/main", "secret_token": SECRET}
    once, later = edited(first), edited(first, link_preview_options={"url": "https://x.example"})
    assert chat.fake.bot.deliver([once, later], chat.reach, copies=3) == [200] * 6
    assert chat.deliver() == AGAIN
    assert chat.say(edited(second)) == AGAIN, "two edits within a second"
    assert chat.unread == []


OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("a sentence", edited("I meant to say hello")),
    ("a word of ours", edited("points")),
    ("a command", edited("/points")),
    ("help", edited("help")),
    ("start, by who hears us", edited("START")),
    ("a friend's word", edited("/start abcdef")),
    ("the button", edited("/start")),
    ("a number", edited("1")),
    ("a caption", edited(photo=[{}], caption="so lovely")),
    ("another picture", edited(photo=[{}])),
    ("a place that moves", edited(location={"latitude": 1.5, "longitude": 2.5, "live_period": 900})),
    ("a contact", edited(contact={"phone_number": "+8613800001007", "user_id": ANNA})),
    ("a poll", edited(poll={"id": "5"})),
    ("a reply", edited("yes", reply_to_message={"message_id": 5, "date": 0, "chat": private()})),
    ("nothing", edited()),
    ("a business chat", update(edited_business_message=edited("stop")["edited_message"])),
]
NOBODYS = [
    ("without a time", update(edited_message=message("stop")["message"])),
    ("a time of another type", edited("stop", edit_date="now")),
    ("long ago", edited("stop", at=EDITED_AT - 2 * 86_400)),
    ("in a group", edited("stop", chat=group())),
    ("to us in a group", edited("/stop", chat=group())),
    ("by a bot", edited("stop", chat=private(5), **{"from": bot(5, "OtherBot")})),
    ("by our own bot", edited("stop", **{"from": bot()})),
    ("of an inline bot", edited("stop", via_bot=bot(5, "OtherBot"))),
    ("by a channel", edited("stop", sender_chat={"id": -1009, "type": "channel"})),
    ("in a channel", update(edited_channel_post=edited("stop", chat={"id": -5, "type": "channel"})["edited_message"])),
    ("a place", OTHERS[10][1]),
    ("another bot's command", edited("/stop@OtherBot")),
]


def test_all_else_that_is_edited_gets_no_answer(chat: Chat) -> None:
    """Neither before its sender has said anything, nor while a question waits."""
    for name, sent in OTHERS:
        assert chat.say(sent) == [], name
    assert (chat.unread, _tries(chat), faults(chat.stage)) == ([], 0, [])


def test_what_nobody_edited_is_not_even_heard(chat: Chat) -> None:
    for name, sent in NOBODYS:
        assert chat.say(sent) == [], name
    with chat.stage.sessions() as session:
        assert session.scalars(select(Inbox)).all() == []


def test_a_question_and_an_offer_wait_through_an_edit(chat: Chat) -> None:
    (asked,) = chat.say(message("pionts"))
    assert "unknown.meant" in asked
    assert chat.say(edited("points")) == []
    assert chat.say(edited(chat.stage.codes(1)[0])) == AGAIN
    assert chat.say(message("1")) == chat.say(message("points"))


def test_an_edit_in_the_same_turn_takes_no_offer_away(stage: Stage) -> None:
    stage.publish(CHATTED)
    client = ("telegram", "main", str(ANNA))

    def heard(text: str, name: str, kind: InboundKind = InboundKind.TYPED) -> Delivery:
        return delivery(InboundMessage.received(client, name, text, stage.now, waits=False, kind=kind), stage.keys)

    stage.take(heard("help", "1"))
    stage.take(heard("pionts", "2"))
    *silence, said = stage.take(
        heard("points", "edit:2", InboundKind.EDITED), heard("I am away", "3", InboundKind.UNATTENDED), heard("1", "4")
    )
    assert {answer.texts for answer in silence} == {()}
    assert said.texts == stage.take(heard("points", "5"))[0].texts


def _hears(chat: Chat) -> bool:
    with chat.stage.sessions() as session:
        return session.scalars(select(Address)).one().opted_out_at is None


def test_an_edit_may_say_stop_and_the_last_wish_in_time_wins(chat: Chat) -> None:
    """An edit asks for no news: that is said in a message, and now. One that was heard before says nothing again."""
    wishes: list[tuple[dict[str, Any], list[str], bool]] = [
        (message("help"), ["help.answer"], True),
        (edited("STOP"), ["stop.done"], False),
        (edited("Stop!!", at=EDITED_AT + 1), [], False),
        (edited("START", at=EDITED_AT + 2), AGAIN, False),
        (message("START"), ["start.done"], True),
        (edited("STOP", link_preview_options={"is_disabled": True}), [], True),
        (edited("/stop", at=EDITED_AT + 9), ["stop.done"], False),
        (message("START"), ["start.done"], True),
        (edited("START", at=EDITED_AT + 10), [], True),
    ]
    for sent, answers, hears in wishes:
        chat.stage.wait(seconds=1)
        assert [each.split(" ")[0] for each in chat.say(sent)] == answers, sent
        assert _hears(chat) is hears, sent
    assert faults(chat.stage) == []


def test_edits_are_asked_for(chat: Chat) -> None:
    assert set_webhook(chat.client, PUBLIC).well
    assert "edited_message" in chat.fake.bot.webhook["allowed_updates"]
