"""Bots, players and the real engine: what is said on Telegram, and what comes back."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from core.engine.delivery import Delivery, delivery
from core.messages import Button, InboundKind, InboundMessage, Rich
from core.models import Address, SceneDay
from core.scenes import CODE, PERSONAL
from core.sending.outbound import Delivered
from tests.adapters.telegram.rig import CHATTED, PUBLIC, Chat, until
from tests.adapters.telegram.test_outbound import outbound
from tests.adapters.telegram.updates import ANNA, GROUP, bot, group, in_group, member, message, private, tap, update
from tests.fakes.telegram import SECRET, Cut, Says
from tests.sending.rig import dispatches
from tests.snack import SNACK
from tests.stage import Stage
from tests.talking import faults

pytestmark = pytest.mark.reading


BEN = 2222222


def test_a_code_is_redeemed(chat: Chat) -> None:
    (code,) = chat.stage.codes(1)
    assert chat.say(message(code)) == ["redeem.points balance=10 points=10"]
    (sent,) = chat.fake.bot.sent
    assert sent["chat_id"] == ANNA


def test_the_same_update_four_times_is_one_redemption(chat: Chat) -> None:
    (code,) = chat.stage.codes(1)
    chat.fake.bot.webhook = {"url": f"{PUBLIC}/telegram/main", "secret_token": SECRET}
    statuses = chat.fake.bot.deliver([message(code, id=42)], chat.reach, copies=4)
    assert statuses == [200] * 4
    assert chat.deliver() == ["redeem.points balance=10 points=10"]
    assert chat.say(message("points")) == chat.say(message("/points"))


def test_updates_out_of_order(chat: Chat) -> None:
    codes = chat.stage.codes(3)
    chat.fake.bot.webhook = {"url": f"{PUBLIC}/telegram/main", "secret_token": SECRET}
    updates = [message(code, id=number) for number, code in enumerate(codes, 50)]
    chat.fake.bot.deliver([*reversed(updates), updates[0]], chat.reach)
    assert chat.deliver()[-1] == "redeem.points balance=30 points=10"


def test_one_update_id_with_two_bodies_counts_once(chat: Chat) -> None:
    first, second = chat.stage.codes(2)
    chat.say(message(first, id=42))
    assert chat.say(message(second, id=42)) == []
    assert chat.say(message(second)) == ["redeem.points balance=20 points=10"]


def test_a_button_says_what_it_carries(chat: Chat) -> None:
    (code,) = chat.stage.codes(1)
    rich = Rich("Redeem it?", (Button(code, "Yes"), Button("cancel", "No")))
    assert chat.sends.send(outbound("Redeem it?", rich=rich)) == Delivered()
    yes, _ = chat.fake.bot.sent[-1]["reply_markup"]["inline_keyboard"][0]
    tapped = tap("", data=yes["callback_data"])
    assert chat.say(tapped) == ["redeem.points balance=10 points=10"]
    assert chat.say(tapped) == []
    until(lambda: len(chat.fake.bot.called("editMessageReplyMarkup")) == 2)


def test_a_tap_that_comes_again_with_new_ids_buys_nothing(chat: Chat) -> None:
    """An app that was closed before it heard of its tap sends it again (telegram-bot-api#699)."""
    chat.stage.publish(SNACK.replace("name: snack", "name: shop").replace("[test, second]", "[telegram]"))
    for code in chat.stage.codes(5, "shop"):
        chat.say(message(code))
    chat.say(message("gifts"))
    gifts = [one for row in chat.fake.bot.sent[-1]["reply_markup"]["inline_keyboard"] for one in row]
    assert all(len(one["callback_data"]) <= 64 for one in gifts)
    (asked,) = chat.say(tap("", data=gifts[1]["callback_data"], id=501))
    assert asked.startswith("gifts.confirm balance=50 item=Cinema ticket")
    assert chat.say(tap("", data=gifts[1]["callback_data"], id=502)) == ["question.closed word=GIFTS"]
    assert chat.say(tap("", data=gifts[0]["callback_data"], id=503)) == ["question.closed word=GIFTS"]
    assert chat.say(tap("", data="=1", id=504))[0] == "question.closed word=GIFTS"
    assert chat.say(message("points"))[0].startswith("points.balance balance=50")


def test_an_album_is_answered_once(chat: Chat) -> None:
    """Each picture of it is an update of its own."""
    pictures = [message(photo=[{"file_id": "x"}], media_group_id="13") for _ in range(4)]
    assert [said for each in pictures for said in chat.say(each)] == ["showed.answer"]
    chat.fake.bot.webhook = {"url": f"{PUBLIC}/telegram/main", "secret_token": SECRET}
    others = [message(photo=[{"file_id": "x"}], media_group_id="14") for _ in range(4)]
    assert chat.fake.bot.deliver(others, chat.reach, copies=2) == [200] * 8
    assert chat.deliver() == ["showed.answer"]


def _album(captions: Sequence[str | None], group: str) -> list[dict[str, Any]]:
    """The updates of an album with these words below its pictures."""
    below = [{} if words is None else {"caption": words} for words in captions]
    return [message(photo=[{"file_id": "x"}], media_group_id=group, **each) for each in below]


ANSWERS = [
    # id                       what is written below the pictures   what is answered
    ("words first",            ["points", None, None],              ["points"]),
    ("words last",             [None, None, "points"],              ["showed.answer", "points"]),
    ("words between",          [None, "points", None],              ["showed.answer", "points"]),
    ("nothing that helps",     [None, "lovely", "so nice", None],   ["showed.answer"]),
    ("only nothing that helps", ["lovely", "so nice", None],        ["unknown.answer"]),
    ("twice",                  ["points", "rules"],                 ["points", "rules"]),
]  # fmt: skip


@pytest.mark.parametrize(("captions", "answers"), [case[1:] for case in ANSWERS], ids=[case[0] for case in ANSWERS])
def test_words_below_a_picture_are_heard_and_the_album_answered_once(
    chat: Chat, captions: list[str | None], answers: list[str]
) -> None:
    chat.say(message(chat.stage.codes(1)[0]))
    said = [said for each in _album(captions, "15") for said in chat.say(each)]
    assert [each.split(".")[0] if each.startswith(("points", "rules")) else each for each in said] == answers
    assert faults(chat.stage) == []


@pytest.mark.parametrize("place", range(4))
def test_a_code_below_a_picture_is_redeemed_once(chat: Chat, place: int) -> None:
    (code,) = chat.stage.codes(1)
    updates = _album([code if each == place else None for each in range(4)], "16")
    chat.fake.bot.webhook = {"url": f"{PUBLIC}/telegram/main", "secret_token": SECRET}
    assert chat.fake.bot.deliver(updates, chat.reach, copies=2) == [200] * 8
    said = chat.deliver()
    assert said.count("redeem.points balance=10 points=10") == 1
    assert set(said) <= {"redeem.points balance=10 points=10", "showed.answer"}
    assert faults(chat.stage) == []


def test_an_album_in_one_turn_is_answered_where_its_words_are(stage: Stage) -> None:
    """Whichever of its pictures comes first, and whoever delivers them again."""
    stage.publish(CHATTED)
    client = ("telegram", "main", str(ANNA))

    def heard(text: str, id: str) -> Delivery:
        kind, album = (InboundKind.TYPED, "album:17") if text else (InboundKind.SHOWED, None)
        message = InboundMessage.received(client, id, text, stage.now, waits=False, kind=kind, album=album)
        return delivery(message, stage.keys)

    pictures = [heard("", "album:17"), heard("rules", "u2"), heard("", "album:17"), heard("tra la", "u4")]
    for turn in (pictures, pictures[::-1], pictures[:1]):
        said = stage.take(*turn)
        assert [bool(answer.texts) for answer in said] == [taken.message.text == "rules" for taken in turn]
    assert faults(stage) == []


def test_what_telegram_posts_by_itself_is_nobody(chat: Chat) -> None:
    channel = {"id": -1009, "type": "channel", "title": "Huoju"}
    service = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
    posts = [
        in_group("/help", **{"from": service, "sender_chat": channel, "is_automatic_forward": True}),
        in_group("/help", **{"from": service}),
        in_group("/help", is_automatic_forward=True),
        in_group("/help", **{"from": anonymous, "sender_chat": group()}),
        in_group("/help", **{"from": {**anonymous, "is_bot": False}}),
        in_group("/help", sender_chat=channel),
        in_group("/help", **{"from": bot(5, "other_bot")}),
        message("help", **{"from": bot(5, "other_bot"), "chat": private(5)}),
        message(pinned_message={"message_id": 1, "text": "help"}),
        message(chat=group(), new_chat_members=[bot()]),
        update(edited_message=message("help")["message"]),
        update(channel_post=message("/help", chat=channel, sender_chat=channel)["message"]),
        update(edited_channel_post=message("/help", chat=channel, sender_chat=channel)["message"]),
    ]
    for post in posts:
        assert chat.say(post) == [], post
    with chat.stage.sessions() as session:
        assert session.scalars(select(Address)).all() == []


def test_a_link_joins_by_an_invite(stage: Stage, chat: Chat) -> None:
    stage.publish(SNACK.replace("name: snack", "name: friends").replace("[test, second]", "[telegram]"))
    chat.say(message(chat.stage.codes(1, "friends")[0]))
    (said,) = chat.say(message("/invite"))
    word = said.split("word=")[1].split()[0]
    joined = chat.say(message(f"/start {word}", by=BEN))
    assert joined[0].startswith("invite.joined")


def test_who_comes_by_a_link_is_counted_by_what_it_carries(chat: Chat) -> None:
    (code,) = chat.stage.codes(1)
    (linked,) = chat.say(message("/link", by=BEN + 1))
    for who, carried in ((ANNA, "shop-17"), (ANNA, "shop-17"), (BEN, "shop-17"), (BEN + 2, code)):
        chat.say(message(f"/start {carried}", by=who))
    chat.say(message(f"/start {linked.split('word=')[1].split()[0]}", by=BEN))
    chat.say(message("/start", by=BEN + 3))
    chat.say(member("kicked", by=BEN))
    with chat.stage.sessions() as session:
        rows = session.scalars(select(SceneDay).order_by(SceneDay.scene)).all()
    told = [(row.scene, row.followed, row.scanned, row.gone, row.joined) for row in rows]
    assert told == [(CODE, 1, 0, 0, 1), (PERSONAL, 0, 1, 0, 0), ("shop-17", 2, 1, 1, 0)]


def test_blocked_is_for_good(chat: Chat) -> None:
    chat.fake.bot.refusing[ANNA] = "Forbidden: bot was blocked by the user"
    assert chat.say(message("help")) == []
    (dispatch,) = dispatches(chat.stage)
    assert (dispatch.state, dispatch.error) == ("dead", "blocked")


def test_a_cut_answer_is_sent_again(chat: Chat) -> None:
    chat.fake.bot.trouble("sendMessage", Cut(acts=True))
    chat.say(message("help"))
    chat.desk.wait(minutes=1)
    chat.desk.rounds()
    first, second = chat.fake.bot.texts()
    assert first == second
    assert dispatches(chat.stage) == []


def test_all_processes_obey_one_flood(chat: Chat) -> None:
    other = chat.desk.another()
    chat.fake.bot.trouble("sendMessage", Says.flood(600))
    chat.post(message("help"))
    chat.desk.rounds()
    calls = len(chat.fake.bot.called("sendMessage"))
    chat.post(message("help", by=BEN))
    chat.desk.wait(seconds=599)
    for desk in (chat.desk, other):
        desk.rounds()
    assert (calls, len(chat.fake.bot.called("sendMessage")), chat.fake.bot.sent) == (1, 1, [])
    chat.desk.wait(seconds=2)
    for desk in (other, chat.desk):
        desk.rounds()
    assert {one["chat_id"] for one in chat.fake.bot.sent} == {ANNA, BEN}
    other.account.close()


def test_who_blocks_us_is_told_nothing(chat: Chat) -> None:
    chat.say(message("help"))
    assert chat.say(member("kicked")) == []


def test_a_group_is_answered_where_it_asked(chat: Chat) -> None:
    assert len(chat.say(in_group("/help"))) == 1
    assert [one["chat_id"] for one in chat.fake.bot.sent] == [GROUP]
    assert chat.say(in_group("help")) == []


@pytest.mark.parametrize("text", ["/privacy", "privacy"])
def test_privacy_is_answered(chat: Chat, text: str) -> None:
    answer, consents = chat.say(message(text))
    assert answer.startswith("privacy.answer")
    assert consents.startswith("privacy.consents")


def test_nothing_is_lost_while_the_engine_is_closed(chat: Chat) -> None:
    chat.engine.close()
    assert chat.post(message("help")).status_code == 429
