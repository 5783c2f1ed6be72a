"""An answer goes into the topic in which somebody spoke, on whichever way it goes."""

from typing import Any

import pytest
from sqlalchemy import select

from bots.telegram.updates import decode, parse
from core.inbox import failed_messages
from core.models import Inbox
from core.sending.outbound import Delivered
from tests.adapters.telegram.rig import Chat
from tests.adapters.telegram.test_outbound import outbound
from tests.adapters.telegram.test_updates import ME
from tests.adapters.telegram.updates import ANNA, GROUP, bot, dumped, group, in_group, message, private, tap
from tests.fakes.telegram import Cut, Says
from tests.sending.rig import dispatches

pytestmark = pytest.mark.reading


SEVEN = {"message_thread_id": 7, "is_topic_message": True}
FORUM = {**group(), "is_forum": True}
OURS = {"message_id": 9, "date": 1796097600, "from": bot(), "text": "Choose"}

TOPICS: list[tuple[str, dict[str, Any], str | None]] = [
    # id                          update                                                         topic
    ("a topic",                   in_group("/help", chat=FORUM, **SEVEN),                        "7"),
    ("the general one",           in_group("/help", chat=FORUM),                                 None),
    ("the general one, numbered", in_group("/help", chat=FORUM, message_thread_id=1),            None),
    ("a reply in no forum",       in_group("/help", message_thread_id=812),                      None),
    ("no topic message",          in_group("/help", message_thread_id=8, is_topic_message=False), None),
    ("a private chat's topic",    message("help", **SEVEN),                                      "7"),
    ("a picture in a topic",      message(photo=[{}], **SEVEN),                                  "7"),
    ("an album in a topic",       message(photo=[{}], media_group_id="5", **SEVEN),              "7"),
    ("a large number",            message("help", message_thread_id=2**52, is_topic_message=True), str(2**52)),
    ("a button in a topic",       tap("help", message={**OURS, "chat": private(), **SEVEN}),     "7"),
    ("a button seen long ago",    tap("help", message={"chat": private(), "message_id": 9, "date": 0}), None),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "topic"), [row[1:] for row in TOPICS], ids=[row[0] for row in TOPICS])
def test_in_which_topic_something_was_said(sent: dict[str, Any], topic: str | None) -> None:
    assert decode(parse(dumped(sent)), lambda: ME).topic == topic


@pytest.fixture
def forum(chat: Chat) -> Chat:
    chat.fake.bot.topics = {GROUP: {7, 8}, ANNA: {7}}
    return chat


def topics(chat: Chat) -> list[tuple[int, int | None]]:
    """Where the bot spoke: chat and topic."""
    return [
        (one["chat_id"], int(one["message_thread_id"]) if "message_thread_id" in one else None)
        for one in chat.fake.bot.sent
    ]


def test_a_topic_is_answered_there(forum: Chat) -> None:
    for thread in (7, 8, None):
        more = {} if thread is None else {"message_thread_id": thread, "is_topic_message": True}
        assert len(forum.say(in_group("/help", chat=FORUM, **more))) == 1
    assert topics(forum) == [(GROUP, 7), (GROUP, 8), (GROUP, None)]


def test_answers_that_wait_go_each_to_its_own_topic(forum: Chat) -> None:
    """Who speaks in two topics, and once in none, before anything is sent."""
    for more in (SEVEN, {}, SEVEN):
        assert forum.post(message("help", **more)).status_code == 200
    assert len(forum.deliver()) == 3
    assert topics(forum) == [(ANNA, 7), (ANNA, None), (ANNA, 7)]


def test_a_long_answer_and_one_that_is_tried_again_stay_in_their_topic(forum: Chat) -> None:
    forum.fake.bot.trouble("sendMessage", Cut(acts=True))
    forum.say(message("help", **SEVEN))
    forum.desk.wait(minutes=1)
    forum.desk.rounds()
    assert topics(forum) == [(ANNA, 7), (ANNA, 7)]
    assert forum.sends.send(outbound("x" * 5000, thread="7")) == Delivered()
    assert topics(forum)[2:] == [(ANNA, 7), (ANNA, 7)]


def test_a_redelivery_says_nothing_twice_and_nothing_elsewhere(forum: Chat) -> None:
    sent = message("help", id=42, **SEVEN)
    assert len(forum.say(sent)) == 1
    assert forum.say(sent) == []
    assert forum.say(message("help", id=42)) == []
    assert topics(forum) == [(ANNA, 7)]


def test_a_message_that_is_replayed_is_answered_in_its_topic(forum: Chat) -> None:
    assert forum.post(message("help", **SEVEN)).status_code == 200
    forum.deliver()
    with forum.stage.sessions.begin() as session:
        session.scalars(select(Inbox)).one().state = "failed"
    with forum.stage.sessions() as session:
        (failed,) = failed_messages(session, forum.stage.keys)
    forum.stage.take(failed.delivery)
    assert len(forum.deliver()) == 1
    assert topics(forum) == [(ANNA, 7), (ANNA, 7)]


@pytest.mark.parametrize("why", ["message thread not found", "TOPIC_CLOSED", "TOPIC_DELETED", "TOPIC_ID_INVALID"])
def test_a_topic_that_is_closed_or_gone_is_answered_in_the_general_one(forum: Chat, why: str) -> None:
    forum.fake.bot.trouble("sendMessage", Says.error(400, f"Bad Request: {why}"))
    assert len(forum.say(in_group("/help", chat=FORUM, **SEVEN))) == 1
    assert topics(forum) == [(GROUP, None)]
    assert dispatches(forum.stage) == []


def test_where_the_general_topic_is_closed_too_nothing_is_tried_for_ever(forum: Chat) -> None:
    forum.fake.bot.refusing[GROUP] = "Bad Request: TOPIC_CLOSED"
    assert forum.say(in_group("/help", chat=FORUM, **SEVEN)) == []
    assert len(forum.fake.bot.called("sendMessage")) == 2
    (dispatch,) = dispatches(forum.stage)
    assert (dispatch.state, dispatch.error) == ("dead", "no_topic")
