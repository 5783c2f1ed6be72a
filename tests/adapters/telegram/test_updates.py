"""Bytes in, messages out."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.telegram import webhook
from bots.telegram.client import Client
from bots.telegram.updates import SHOWN, Me, Words, decode, parse
from bots.telegram.webhook import UPDATE_LIMIT, inbound
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import Answer, Answered, InboundKind, InboundMessage
from tests.adapters.telegram.rig import Door, until
from tests.adapters.telegram.updates import (
    ANNA,
    BOT,
    FIXTURES,
    GROUP,
    bot,
    dumped,
    edited,
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
from tests.fakes.telegram import SECRET, USERNAME, FakeTelegram, Says
from tests.stage import START

TYPED, TAPPED, STARTED, LEFT, SHOWED, OURS, OPENED, BACK = (
    InboundKind.TYPED,
    InboundKind.TAPPED,
    InboundKind.STARTED,
    InboundKind.LEFT,
    InboundKind.SHOWED,
    InboundKind.GROUP,
    InboundKind.OPENED,
    InboundKind.BACK,
)
ME, PHONE = Me(BOT, USERNAME), "+8613800001007"
MENTION = [entity("mention", 0, 9)]
REPLY = {"message_id": 5, "date": 0, "chat": group(), "text": "Hello"}

DOCUMENTED = {
    "first": ("", STARTED),
    "text": ("", STARTED),
    "forwarded": ("", STARTED),
    "forwarded_channel": ("", STARTED),
    "reply": ("", STARTED),
    "edited": ("Edited text", InboundKind.EDITED),
    "entities": ("Bold and italics", TYPED),
    "audio": ("", SHOWED),
    "voice": ("", SHOWED),
    "document": ("", SHOWED),
    "inline_query": None,
    "chosen_inline_result": None,
    "callback_query": None,
}

PRIVATE = [
    # id                     update                                                        text and kind
    ("words", message("ABCD EFGH JKMN"), ("ABCD EFGH JKMN", TYPED)),
    ("spaces are kept", message(" a b "), (" a b ", TYPED)),
    ("start by a link", message("/start ABCD-EFGH_JK"), ("ABCD-EFGH_JK", OPENED)),
    ("start by a button", message("/start"), ("", STARTED)),
    ("start by name", message(f"/start@{USERNAME} XY"), ("XY", OPENED)),
    ("a command", message("/points"), ("points", TYPED)),
    ("privacy", message("/privacy"), ("privacy", TYPED)),
    ("stop", message("/stop"), ("stop", TYPED)),
    ("a command with words", message("/name  Anna Lee"), ("name Anna Lee", TYPED)),
    ("a command by name", message(f"/points@{USERNAME.lower()}"), ("points", TYPED)),
    ("a Chinese command", message("/积分"), ("积分", TYPED)),
    ("another bot's command", message("/points@OtherBot"), None),
    ("a lone slash", message("/"), ("/", TYPED)),
    ("a path", message("/a/b"), ("/a/b", TYPED)),
    ("a caption", message(photo=[{}], caption="look"), ("look", TYPED)),
    ("a sticker", message(sticker={"file_id": "x"}), ("", SHOWED)),
    (
        "the own contact",
        message(contact={"phone_number": "8613800001007", "user_id": ANNA}),
        (PHONE, InboundKind.OWN_NUMBER),
    ),
    (
        "the own, with a plus",
        message(contact={"phone_number": PHONE, "user_id": ANNA}),
        (PHONE, InboundKind.OWN_NUMBER),
    ),
    (
        "a friend's",
        message(contact={"phone_number": "138 0000 1007", "user_id": 5}),
        ("138 0000 1007", InboundKind.CONTACT),
    ),
    ("of no account", message(contact={"phone_number": PHONE, "vcard": "BEGIN:VCARD"}), (PHONE, InboundKind.CONTACT)),
    ("without a number", message(contact={"phone_number": "", "user_id": ANNA}), ("", SHOWED)),
    ("a point on the map", message(location={"latitude": 1.5, "longitude": 2.5}), ("", InboundKind.LOCATED)),
    (
        "a venue",
        message(venue={"title": "Mug Bar", "address": "1 High Street"}),
        ("Mug Bar, 1 High Street", InboundKind.LOCATED),
    ),
    ("a venue without address", message(venue={"title": "Mug Bar", "address": ""}), ("Mug Bar", InboundKind.LOCATED)),
    ("a contact in a group", message(contact={"phone_number": PHONE, "user_id": ANNA}, chat=group()), None),
    ("a service message", message(pinned_message={"message_id": 1}), None),
    ("another bot", message("hi", **{"from": bot(5, "OtherBot"), "chat": private(5)}), None),
    ("picked from an inline bot", message("stop", via_bot=bot(5, "OtherBot")), None),
    ("picked from ours", message("ABCD EFGH JKMN", via_bot=bot()), None),
    ("a bot in a person's name", message("points", sender_business_bot=bot(5, "OtherBot")), None),
    ("a game", message(game={"title": "x"}), ("", SHOWED)),
    ("a checklist", message(checklist={"title": "stop"}), ("", SHOWED)),
    ("a quote", message("points", quote={"text": "stop", "position": 0}, reply_to_message=REPLY), ("points", TYPED)),
    ("a forwarded text", message("points", forward_origin={"type": "hidden_user", "date": 0}), ("points", TYPED)),
    ("an effect", message("points", effect_id="5", has_protected_content=True), ("points", TYPED)),
    ("seen long ago", tap("points", message={"chat": private(), "message_id": 9, "date": 0}), ("points", TAPPED)),
    ("a business chat", message("hi", chat=private(42)), None),
    ("nobody", update(message={"message_id": 1, "date": 0, "chat": private(), "text": "hi"}), None),
    ("a channel", update(channel_post={"message_id": 1, "date": 0, "chat": {"id": -5, "type": "channel"}}), None),
    ("in a channel", message("hi", chat={"id": -5, "type": "channel"}), None),
    ("a kind to come", update(telepathy={"from": person()}), None),
    ("nothing", update(), None),
    ("blocked", member("kicked"), ("", LEFT)),
    ("unblocked", member("member", before="kicked"), ("", BACK)),
    ("a standing to come", member("bored"), None),
    ("thrown out of a group", member("kicked", chat=group()), None),
    ("a button", tap("points"), ("points", TAPPED)),
    ("a Chinese button", tap("换 马克杯"), ("换 马克杯", TAPPED)),
    ("a button of another program", tap("", data="vote:7"), None),
    ("a button without data", tap("", data=None), None),
    ("a button of an inline message", tap("points", message=None), None),
    ("a button of nothing", tap("", data="="), None),
]

IN_GROUPS = [
    ("among themselves", in_group("points"), None),
    ("a command", in_group("/points"), "points"),
    ("a command by name", in_group(f"/points@{USERNAME}"), "points"),
    ("another bot's command", in_group("/points@OtherBot"), None),
    ("start", in_group(f"/start@{USERNAME} XY"), "XY"),
    ("named at first", in_group("@HuojuBot points", entities=MENTION), "points"),
    ("named in the middle", in_group("my @huojubot points", entities=[entity("mention", 3, 9)]), "my points"),
    ("named after an emoji", in_group("🔥 @HuojuBot hi", entities=[entity("mention", 3, 9)]), "🔥 hi"),
    ("named by number", in_group("Huoju hi", entities=[entity("text_mention", 0, 5, user=bot())]), "hi"),
    ("named alone", in_group("@HuojuBot", entities=MENTION), ""),
    ("another is named", in_group("@Otto1234 points", entities=MENTION), None),
    ("named out of place", in_group("@HuojuBot", entities=[entity("mention", 50, 9)]), None),
    ("a reply to us", in_group("yes", reply_to_message={**REPLY, "from": bot()}), "yes"),
    ("a reply to another bot", in_group("yes", reply_to_message={**REPLY, "from": bot(5, "OtherBot")}), None),
    ("a reply to a person", in_group("yes", reply_to_message={**REPLY, "from": person(5)}), None),
    ("a photo", message(photo=[{}], chat=group()), None),
    ("a small group", in_group("/points", chat=group("group")), "points"),
    ("a button", tap("points", message={"message_id": 9, "date": 0, "chat": group()}), "points"),
]


KINDS = [
    *("channel_post", "edited_channel_post", "business_message", "edited_business_message"),
    *("deleted_business_messages", "business_connection", "message_reaction", "message_reaction_count"),
    *("inline_query", "chosen_inline_result", "shipping_query", "pre_checkout_query", "purchased_paid_media", "poll"),
    *("poll_answer", "chat_member", "chat_join_request", "chat_boost", "removed_chat_boost", "managed_bot"),
]
"""All updates that we do not ask for (core.telegram.org/bots/api#update)."""
SERVICES = [
    *("new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo", "boost_added"),
    *("group_chat_created", "supergroup_chat_created", "channel_chat_created", "migrate_to_chat_id", "users_shared"),
    *("message_auto_delete_timer_changed", "migrate_from_chat_id", "pinned_message", "invoice", "successful_payment"),
    *("refunded_payment", "chat_shared", "gift", "unique_gift", "connected_website", "write_access_allowed"),
    *("passport_data", "proximity_alert_triggered", "chat_background_set", "checklist_tasks_done", "web_app_data"),
    *("checklist_tasks_added", "forum_topic_created", "forum_topic_edited", "forum_topic_closed", "video_chat_started"),
    *("forum_topic_reopened", "general_forum_topic_hidden", "giveaway_created", "giveaway", "giveaway_winners"),
    *("giveaway_completed", "paid_message_price_changed", "video_chat_scheduled", "video_chat_ended"),
    *("video_chat_participants_invited", "suggested_post_approved", "direct_message_price_changed", "game_high_score"),
]
"""What stands in messages that say what happened in a chat (core.telegram.org/bots/api#message)."""
SAID = {**message("stop")["message"], "user": person(), "query": "stop", "id": "1", "data": "=stop"}


@pytest.mark.parametrize("kind", KINDS)
def test_updates_that_we_do_not_ask_for_are_nobodys_words(kind: str) -> None:
    assert read(update(**{kind: SAID})) is None


@pytest.mark.parametrize("kind", SERVICES)
@pytest.mark.parametrize("chat", [private(), group()], ids=["private", "group"])
def test_what_happened_in_a_chat_is_nobodys_words(kind: str, chat: dict[str, Any]) -> None:
    for held in ({"text": "stop", "data": "stop"}, [{"id": 5}], True, "stop", 7):
        assert read(message(chat=chat, **{kind: held})) is None


def read(sent: dict[str, Any]) -> Words | None:
    return decode(parse(dumped(sent)), lambda: ME).words


def said(sent: dict[str, Any]) -> Words | None:
    """The same, whether it was a command or a word."""
    words = read(sent)
    return words and replace(words, command=None)


def test_every_documented_example_is_in_the_table() -> None:
    assert FIXTURES
    assert FIXTURES.keys() == DOCUMENTED.keys()


@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented(name: str) -> None:
    expected = DOCUMENTED[name]
    update = decode(parse(FIXTURES[name]), lambda: ME)
    assert update.id == ("edit:1365:1441646600:a440abe23574b2b6" if name == "edited" else "10000")
    assert update.words == (None if expected is None else Words(str(ANNA), *expected))
    assert (update.tap is not None) == (name == "callback_query")


@pytest.mark.parametrize(("sent", "expected"), [row[1:] for row in PRIVATE], ids=[row[0] for row in PRIVATE])
def test_private(sent: dict[str, Any], expected: tuple[str, InboundKind] | None) -> None:
    assert said(sent) == (None if expected is None else Words(str(ANNA), *expected))


@pytest.mark.parametrize("kind", sorted({*SHOWN} - {"location", "venue"}))
def test_shown(kind: str) -> None:
    assert read(message(**{kind: {"file_id": "x"}})) == Words(str(ANNA), "", SHOWED)


@pytest.mark.parametrize(("sent", "expected"), [row[1:] for row in IN_GROUPS], ids=[row[0] for row in IN_GROUPS])
def test_in_groups(sent: dict[str, Any], expected: str | None) -> None:
    assert said(sent) == (None if expected is None else Words(str(GROUP), expected, OURS))


COMMANDS = [
    ("a word", message("points"), None),
    ("a command", message("/Points 5"), "Points"),
    ("a Chinese command", message("/积分"), "积分"),
    ("a command by name", message(f"/points@{USERNAME}"), "points"),
    ("a command in a group", in_group("/points"), "points"),
    ("our name in a group", in_group("@HuojuBot points", entities=MENTION), None),
    ("a path", message("/a/b"), None),
    ("start", message("/start"), None),
    ("a link", message("/start points"), None),
    ("a button", tap("/points"), None),
]


@pytest.mark.parametrize(("sent", "command"), [row[1:] for row in COMMANDS], ids=[row[0] for row in COMMANDS])
def test_a_command_is_told_from_a_word(sent: dict[str, Any], command: str | None) -> None:
    words = read(sent)
    assert words is not None
    assert words.command == command
    message = inbound("main", decode(sent, lambda: ME), START)
    assert message is not None
    assert message.command == (command and command.lower())


def test_a_message_keeps_its_update_id_and_waits_for_nothing() -> None:
    got = inbound("main", decode(message("hi", id=42), lambda: ME), START)
    assert got == InboundMessage("telegram", "main", str(ANNA), "42", "hi", START, waits=False, language="en")


class Engine:
    """An engine that remembers; ``answers`` says how a message is answered."""

    def __init__(self) -> None:
        self.got: list[InboundMessage] = []
        self.how: Answered | Exception | None = Answered.NEW

    def submit(self, message: InboundMessage) -> "Future[Answer]":
        future: Future[Answer] = Future()
        if isinstance(self.how, Busy):
            raise self.how
        self.got.append(message)
        if isinstance(self.how, Exception):
            future.set_exception(self.how)
        elif self.how is not None:
            future.set_result(Answer(self.how))
        return future


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def door(client: Client, engine: Engine) -> Iterator[Door]:
    return Door(client, engine.submit, limit_s=0.05)


def test_taken_is_an_empty_200(door: Door, engine: Engine) -> None:
    response = door.post(message("hi"))
    assert (response.status_code, response.data) == (200, b"")
    assert [one.text for one in engine.got] == ["hi"]


FORGERIES = {
    "missing": None,
    "empty": "",
    "short": SECRET[:-1],
    "long": SECRET + "x",
    "other case": SECRET.upper(),
    "not ASCII": "пароль",
    "a byte of Latin-1": SECRET + "\xe9",
}


@pytest.mark.parametrize("secret", FORGERIES.values(), ids=FORGERIES)
def test_forged(door: Door, engine: Engine, secret: str | None) -> None:
    given = None if secret is None else secret.encode().decode("latin-1")
    response = door.post(message("hi"), given)
    assert response.status_code == 403
    assert SECRET not in response.text
    assert engine.got == []


def test_each_request_is_authenticated(door: Door) -> None:
    statuses = [door.post(message("hi"), secret).status_code for secret in (SECRET, "wrong", SECRET, None)]
    assert statuses == [200, 403, 200, 403]


@pytest.mark.parametrize("name", ["other", "Main", "main/x", ""])
def test_another_account_is_not_there(door: Door, name: str) -> None:
    assert door.post(message("hi"), name=name).status_code == 404


def test_the_door_takes_only_posts(door: Door) -> None:
    assert door.http.get("/telegram/main").status_code == 405


GARBAGE = {
    "empty": b"",
    "text": b"hello",
    "half": dumped(message("hi"))[:-5],
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "deep lists": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000,
    "deep and closed": b'{"update_id":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "not UTF-8": b'{"update_id": 1, "message": "\xff"}',
    "UTF-16": json.dumps(message("hi")).encode("utf-16")[:-1],
    "no id": b"{}",
    "an id of text": b'{"update_id": "1"}',
    "an id of truth": b'{"update_id": true}',
    "an id with a point": b'{"update_id": 1.5}',
    "no number": b'{"update_id": NaN}',
    "an endless id": b'{"update_id": 1' + b"0" * 5000 + b"}",
    "a long id": b'{"update_id": 1' + b"0" * 100 + b"}",
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_garbage(door: Door, engine: Engine, body: bytes) -> None:
    response = door.post(body)
    assert (response.status_code, response.data, engine.got) == (200, b"", [])
    assert len(door.unread) == 1, "thanked for and counted: refused, it would come again for a day"


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_garbage_that_may_have_been_cut_comes_again(door: Door, engine: Engine, body: bytes) -> None:
    chunked = {"wsgi.input": io.BytesIO(body), "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    cut = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body) + 1)}
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    statuses = [
        door.http.post("/telegram/main", headers=headers, environ_overrides=one).status_code for one in (chunked, cut)
    ]
    assert (statuses[-1], engine.got) == (400, [])


def test_the_largest_messages_that_telegram_knows(door: Door, engine: Engine) -> None:
    emoji = "\U0001f525" * 4096
    quoted = {**REPLY, "text": emoji, "entities": [entity("bold", place, 1) for place in range(100)]}
    body = json.dumps(message(emoji, reply_to_message=quoted)).encode()
    assert len(body) > 64 * 1024
    assert (door.post(body).status_code, len(engine.got)) == (200, 1)


def test_a_fault_of_ours_in_reading_holds_up_nobody(
    door: Door, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "decode", lambda *_: {}["no such key"])
    assert (door.post(message("hi", id=42)).status_code, engine.got, door.unread) == (200, [], ["KeyError"])


def test_oversized(door: Door, engine: Engine) -> None:
    sent = dumped(message("hi"))
    assert door.post(sent + b" " * (UPDATE_LIMIT + 1 - len(sent))).status_code == 200
    assert (engine.got, door.unread) == ([], ["body"])


class Unread:
    """A body that nobody may touch."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("this is read")


UNREAD = [("1048577", SECRET, 200), ("9" * 5000, SECRET, 200), ("-1", SECRET, 200), ("9", "no", 403)]


@pytest.mark.parametrize(("length", "secret", "status"), UNREAD, ids=["long", "endless", "negative", "forged"])
def test_refused_unread(door: Door, length: str, secret: str, status: int) -> None:
    environ = {"CONTENT_LENGTH": length, "wsgi.input": Unread()}
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    response = door.http.post("/telegram/main", headers=headers, environ_overrides=environ)
    assert response.status_code == status


def test_as_large_as_allowed(door: Door) -> None:
    sent = dumped(message("hi"))
    assert door.post(sent + b" " * (64 * 1024 - len(sent))).status_code == 200


@given(st.one_of(st.binary(max_size=200), st.text(max_size=50).map(dumped), st.lists(st.integers()).map(dumped)))
def test_whatever_bytes_come_are_taken_and_counted(door: Door, engine: Engine, body: bytes) -> None:
    before = len(door.unread)
    assert door.post(body).status_code == 200
    assert len(door.unread) == before + 1
    assert engine.got == []


WHOLE = [
    message("hi", photo=[{}], caption="c"),
    in_group("@HuojuBot hi", entities=MENTION),
    in_group("Huoju hi", entities=[entity("text_mention", 0, 5, user=bot())]),
    in_group("yes", reply_to_message={**REPLY, "from": bot()}),
    tap("points"),
    member("kicked"),
    edited("hi"),
]
WRONG: list[Any] = [None, True, 0, -1, 1.5, 2**70, "", "x", "\ud800", [], [1], [[]], {}, {"id": []}, [{"type": 1}]]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _places(child, (*path, key))


def _with(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    if not path:
        return wrong
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(copy[path[0]], path[1:], wrong)
    return copy


def test_any_field_may_be_of_any_type(door: Door, client: Client) -> None:
    client._me = ME
    statuses = [
        door.post(_with(whole, path, wrong)).status_code
        for whole in WHOLE
        for path in _places(whole)
        for wrong in WRONG
    ]
    assert len(statuses) > 1000
    assert set(statuses) == {200}
    assert door.unread


def test_nothing_is_confirmed_before_the_commit(door: Door, engine: Engine) -> None:
    answers: list[Answered | Exception | None] = [Busy("many wait"), Unavailable("gone"), None, Answered.REPEATED]
    statuses = []
    for engine.how in answers:
        statuses.append(door.post(tap("points", id=1)).status_code)
    assert statuses == [429, 503, 503, 200]


@pytest.mark.parametrize("how", [Answered.FAILED, Answered.TAMPERED])
def test_what_would_never_go_better_is_taken(door: Door, engine: Engine, how: Answered) -> None:
    engine.how = how
    assert door.post(message("hi")).status_code == 200


def test_a_tap_is_answered_and_its_buttons_go(door: Door, fake: FakeTelegram) -> None:
    assert door.post(tap("points")).status_code == 200
    until(lambda: fake.bot.called("editMessageReplyMarkup"))
    assert fake.bot.called("answerCallbackQuery") == [{"callback_query_id": "4382bfdwdsb323b2d9"}]
    assert fake.bot.called("editMessageReplyMarkup") == [{"chat_id": str(ANNA), "message_id": "9"}]


def test_a_tap_that_was_not_taken_keeps_its_buttons(
    door: Door, engine: Engine, fake: FakeTelegram, client: Client
) -> None:
    engine.how = Unavailable("gone")
    assert door.post(tap("points")).status_code == 503
    client.me()  # whatever was begun before has been seen by now
    assert [method for method, _ in fake.bot.calls] == ["getMe"]


def test_a_query_may_have_a_number(door: Door, fake: FakeTelegram) -> None:
    sent = tap("points")
    sent["callback_query"]["id"] = 134567890097
    assert door.post(sent).status_code == 200
    until(lambda: fake.bot.called("answerCallbackQuery") == [{"callback_query_id": "134567890097"}])


def test_a_foreign_button_stops_turning(door: Door, engine: Engine, fake: FakeTelegram) -> None:
    assert door.post(FIXTURES["callback_query"]).status_code == 200
    until(lambda: fake.bot.called("answerCallbackQuery"))
    assert engine.got == []


def test_courtesies_may_fail(door: Door, fake: FakeTelegram) -> None:
    fake.bot.trouble("answerCallbackQuery", Says.error(400, "Bad Request: query is too old"), Says.flood(10_000))
    for _ in range(2):
        assert door.post(tap("points")).status_code == 200
    until(lambda: len(fake.bot.called("answerCallbackQuery")) == 2)
    until(lambda: fake.bot.called("editMessageReplyMarkup"))


def test_who_we_are_is_asked_once_and_only_where_it_matters(door: Door, fake: FakeTelegram) -> None:
    for sent in (message("hi"), message("/points"), in_group("points"), in_group("/points")):
        assert door.post(sent).status_code == 200
    assert fake.bot.calls == []
    for _ in range(2):
        assert door.post(in_group("@HuojuBot hi", entities=MENTION)).status_code == 200
    assert fake.bot.calls == [("getMe", {})]


def test_without_knowing_who_we_are_nothing_is_guessed(door: Door, engine: Engine, fake: FakeTelegram) -> None:
    fake.bot.trouble("getMe", Says.error(401, "Unauthorized"))
    assert door.post(message(f"/points@{USERNAME}")).status_code == 503
    assert door.post(message(f"/points@{USERNAME}")).status_code == 200
    assert [one.text for one in engine.got] == ["points"]
