"""Updates as a public bot gets them: none fails, none is answered twice, and neither a machine nor a group is told

anything of a player (core.telegram.org/bots/api, 7 to 9).
"""

import json
from typing import Any

import pytest

from tests.adapters.telegram.rig import PUBLIC, Chat, until
from tests.adapters.telegram.test_polling import polled
from tests.adapters.telegram.updates import (
    ANNA,
    GROUP,
    bot,
    dumped,
    entity,
    group,
    in_group,
    member,
    message,
    person,
    private,
    tap,
    update,
)
from tests.fakes.telegram import SECRET
from tests.talking import faults

pytestmark = pytest.mark.reading

CODE = "CODE"
"""Where a code of its own is put into an update."""
CHANNEL: dict[str, Any] = {"id": -1001111111111, "type": "channel", "title": "Huoju"}
DIRECT: dict[str, Any] = {"id": -1005, "type": "supergroup", "is_direct_messages": True}
BEN, OTHER = 2222222, 2**52 - 1
ADMIN = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
POSTING = {"id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot"}
TOPIC = {"message_thread_id": 5, "is_topic_message": True}
ROOT = {"message_id": 5, "date": 0, "chat": group(), "from": bot(), "forum_topic_created": {"name": "x"}}
PHOTO = [{"file_id": "x", "file_unique_id": "y", "width": 1, "height": 1}]
STANDINGS = ["creator", "administrator", "member", "restricted", "left", "kicked"]
WINS, SIGHT, ASIDE, PLACE = "redeem.points", "showed.answer", "group.answer", "shared.place"
HELP, HELLO, POINTS, WHAT = "help.answer", "welcome.answer", "points.balance", "unknown.answer"

ROWS: list[tuple[str, dict[str, Any], str | None]] = [
    *[
        (f"{before} to {now}, {chat['type']}", member(now, before=before, chat=chat), None)
        for chat in (group(), CHANNEL)
        for before in ("left", "administrator")
        for now in STANDINGS
    ],
    *[(f"{now}, private", member(now, before="left", by=BEN), None) for now in STANDINGS],
    ("a reaction", update(message_reaction={"chat": private(), "user": person(), "date": 1}), None),
    ("somebody joins", update(chat_member={"chat": group(), "from": person(), "date": 1}), None),
    ("a request to join", update(chat_join_request={"chat": group(), "from": person(), "user_chat_id": ANNA}), None),
    ("a business's customer", update(business_message=message(CODE, business_connection_id="x")["message"]), None),
    ("to a business", message(CODE, business_connection_id="x"), None),
    ("paid media", message(paid_media={"star_count": 5, "paid_media": [{"type": "preview"}]}), SIGHT),
    ("paid media with words", message(paid_media={"star_count": 5, "paid_media": []}, caption="help"), HELP),
    ("a giveaway", message(giveaway={"chats": [CHANNEL], "winner_count": 3}), None),
    ("a story", message(story={"chat": private(), "id": 5}), SIGHT),
    ("words to a story", message("help", reply_to_story={"chat": private(), "id": 5}), HELP),
    ("a web app", message(web_app_data={"data": CODE, "button_text": "Play"}), None),
    ("shared users", message(users_shared={"request_id": 1, "users": [{"user_id": 5}]}), None),
    ("a shared chat", message(chat_shared={"request_id": 1, "chat_id": -5}), None),
    ("a new topic", message(chat=group(), forum_topic_created={"name": "stop", "icon_color": 5}, **TOPIC), None),
    ("a closed topic", message(chat=group(), forum_topic_closed={}, **TOPIC), None),
    ("said in a topic of ours", in_group("hello all", reply_to_message=ROOT, **TOPIC), None),
    ("to us in a topic of ours", in_group("/points", reply_to_message=ROOT, **TOPIC), ASIDE),
    ("an administrator unnamed", in_group("/points", **{"from": ADMIN, "sender_chat": group()}), None),
    ("a channel in its group", in_group("/points", **{"from": POSTING, "sender_chat": CHANNEL}), None),
    ("a post carried on", in_group("/points", is_automatic_forward=True, sender_chat=CHANNEL), None),
    ("a code in a group", in_group(f"/redeem {CODE}"), ASIDE),
    ("a code to us in a group", in_group(f"@HuojuBot {CODE}", entities=[entity("mention", 0, 9)]), ASIDE),
    ("a code among others", in_group(CODE), None),
    ("a link in a group", in_group("/start@HuojuBot abc"), ASIDE),
    ("a button in a group", tap("points", message={"chat": group(), "message_id": 9, "date": 0}), ASIDE),
    ("a group that moves", message(chat=group("group"), migrate_to_chat_id=-1009999999999), None),
    ("a group that moved", message(chat=group(), migrate_from_chat_id=-99), None),
    ("a channel's desk", message(CODE, chat=DIRECT, direct_messages_topic={"topic_id": 5}), None),
    ("a note with moving pictures", message(video_note={"file_id": "x", "length": 1, "duration": 1}), SIGHT),
    ("dice", message(dice={"emoji": "🎲", "value": 5}), SIGHT),
    ("a poll", message(poll={"id": "5", "question": "stop?", "options": []}), SIGHT),
    ("a passport", message(passport_data={"data": [], "credentials": {}}), None),
    ("a voice with words", message(voice={"file_id": "x", "duration": 1}, caption="help"), HELP),
    ("a sticker", message(sticker={"file_id": "x", "emoji": "🛑"}), SIGHT),
    ("4,096 letters", message("x" * 4096), WHAT),
    ("4,096 units of emoji", message("😀" * 2048), WHAT),
    ("from right to left", message("שלום " * 819), WHAT),
    ("a code with marks of direction", message(f"\u200f{CODE}\u200f"), WINS),
    ("custom emoji", message("⭐ points", entities=[entity("custom_emoji", 0, 1, custom_emoji_id="5")]), POINTS),
    ("a code in code", message(CODE, entities=[entity("code", 0, 4), entity("time_to_come", 0, 3, at=[5])]), WINS),
    ("a link with 64 characters", message("/start " + "aB3_-x9Z" * 8), HELLO),
    ("a link with more", message("/start " + "a-_" * 40), HELLO),
    ("a command that is a code", message(f"/{CODE}"), WINS),
    ("a command in capitals", message("/HELP@huojubot"), HELP),
    ("an inline query", update(inline_query={"id": "5", "from": person(), "query": CODE, "offset": ""}), None),
    ("a button elsewhere", tap("points", message=None, inline_message_id="AAA"), None),
    ("a game's button", tap("", data=None, message=None, inline_message_id="AAA", game_short_name="g"), None),
    ("a button long ago", tap("points", message={"chat": private(), "message_id": 9, "date": 0}), POINTS),
    ("a button in a channel", tap("points", message={"chat": CHANNEL, "message_id": 9, "date": 0}), None),
    ("a button of nowhere", tap("points", message=None), None),
    ("words with a quote", message("help", quote={"text": CODE, "position": 0}, external_reply={"origin": {}}), HELP),
    ("a contact without a number", message(contact={"phone_number": "", "first_name": "Ben"}), SIGHT),
    ("a venue", message(venue={"title": "Bar", "address": "High 1"}, location={"latitude": 1, "longitude": 2}), PLACE),
    ("a place that moves", message(location={"latitude": 1, "longitude": 2, "live_period": 60}), PLACE),
    ("something to come", message(hologram={"file_id": "x"}), None),
    ("words with something to come", message("help", hologram={"file_id": "x"}), HELP),
    ("a long number", message("help", by=OTHER), HELP),
    ("a number below nought", message("help", **{"from": person(-5), "chat": private(-5)}), None),
    ("a gift", message(gift={"gift": {}, "text": CODE}), None),
    ("a payment", message(successful_payment={"invoice_payload": CODE}), None),
    ("a picture with a code", message(photo=PHOTO, caption=CODE, has_media_spoiler=True), WINS),
    ("an album, first", message(photo=PHOTO, caption=CODE, media_group_id="1"), WINS),
    ("an album, second", message(photo=PHOTO, media_group_id="1"), None),
    ("another album, first", message(photo=PHOTO, media_group_id="2"), SIGHT),
    ("another album, second", message(photo=PHOTO, media_group_id="2"), None),
    ("another album, third", message(photo=PHOTO, caption=CODE, media_group_id="2"), WINS),
    ("no text", message(""), None),
    ("an absence note", message("Thank you! We are away, help is near.", is_from_offline=True), None),
    ("an absence note, a sticker", message(sticker={"file_id": "x"}, is_from_offline=True), None),
    ("a greeting", message("/start", is_from_offline=True), None),
    ("a scheduled word", message("help", is_from_offline=True), None),
    ("a scheduled code", message(CODE, is_from_offline=True), WINS),
    ("somebody's code forwarded", message(CODE, forward_origin={"type": "channel", "chat": CHANNEL}), WINS),
]  # fmt: skip


def _sent(chat: Chat) -> list[dict[str, Any]]:
    """The updates, with a code of its own in each that has room for one."""
    codes = iter(chat.stage.codes(sum(CODE in str(row[1]) for row in ROWS)))
    written = [dumped(row[1]).decode() for row in ROWS]
    return [json.loads(each.replace(CODE, next(codes)) if CODE in each else each) for each in written]


def _answers(chat: Chat, before: int) -> list[str]:
    return [each.split(" ")[0] for each in chat.fake.bot.texts()[before:]]


def test_each_is_answered_once_as_it_is_meant(chat: Chat) -> None:
    chat.fake.bot.webhook = {"url": f"{PUBLIC}/telegram/main", "secret_token": SECRET}
    for sent, (name, _, answer) in zip(_sent(chat), ROWS, strict=True):
        chat.stage.wait(seconds=1)
        before = len(chat.fake.bot.sent)
        assert chat.fake.bot.deliver([sent], chat.reach, copies=2) == [200, 200], name
        if answer:  # else it would be said before the next one's
            chat.deliver()
            assert _answers(chat, before) == [answer], name
    assert chat.deliver() == []
    assert (chat.unread, faults(chat.stage)) == ([], [])
    assert {one["text"] for one in chat.fake.bot.sent if one["chat_id"] == GROUP} == {ASIDE}


def test_polling_takes_all_of_them_in_one_go(chat: Chat) -> None:
    unread: list[str] = []
    chat.fake.bot.post(*_sent(chat))
    with polled(chat.fake, chat.engine.submit, unread=lambda *told: unread.append(told[2])):
        until(lambda: not chat.fake.bot.updates)
    while chat.deliver():
        chat.stage.wait(seconds=1)
    assert sorted(_answers(chat, 0)) == sorted(row[2] for row in ROWS if row[2])
    assert (unread, faults(chat.stage)) == ([], [])
