"""Conversations through the real engine: what WeChat delivers, and what reaches its players."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask

from bots.wechat.client import Client
from bots.wechat.outbound import WeChatSends
from bots.wechat.webhook import blueprint
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import Answer, InboundMessage
from core.sending.outbound import Category
from tests.adapters.wechat.rig import NOW, PLAYED, Chats, account, fixture, random_bytes
from tests.fakes import wechat
from tests.fakes.wechat import Delivering, Platform, event, message, text
from tests.sending.rig import Desk, queue, states
from tests.stage import Stage

USER = "oia2TjuEGTNoeX76QEjQNrcURxG8"
GIFTS = """
gifts:
  - {name: mug, title: {zh: 马克杯, en: A mug}, price: 20 points, stock: 5, claim: counter}
  - {name: hat, title: {zh: 帽子, en: A hat}, price: 30 points, stock: 5, claim: counter}
"""
SORRY = "Sorry, something went wrong on our side."
"""How the texts of tests.sending.rig.queue begin."""
POINTS = "redeem.points balance=10 points=10"


@pytest.fixture
def strict(stage: Stage) -> Iterator[Platform]:
    """A platform that counts what may be sent, on the stage's clock."""
    with wechat.running(lambda: stage.now, counts_rights=True) as platform:
        yield platform


@pytest.fixture
def desk(stage: Stage, strict: Platform) -> Iterator[Desk]:
    """A sender between the stage and the platform."""
    api = Client(account(api_url=strict.url, notices=(), template=None))
    desk = Desk(stage, WeChatSends(api))
    yield desk
    desk.account.close()
    api.close()


@pytest.mark.parametrize("safe", [True, False], ids=["aes", "plain"])
def test_a_code_is_redeemed(stage: Stage, chats: Chats, safe: bool) -> None:
    (code,) = stage.codes(1)
    chats = chats if safe else Chats(stage, safe=False)
    assert chats.say(text(USER, code)) == POINTS
    assert (chats.say(text(USER, code, id="2")) or "").startswith("redeem.")
    if not safe:
        chats.close()


def test_a_delivery_that_is_repeated_is_answered_the_same_and_played_once(stage: Stage, chats: Chats) -> None:
    (code,) = stage.codes(1)
    assert [chats.say(text(USER, code)) for _ in range(3)] == [POINTS] * 3
    assert (chats.say(text(USER, code, id="2")) or "").startswith("redeem.")
    stage.wait(days=20)
    assert chats.say(text(USER, code)) == POINTS


def test_a_storm_of_retries_is_played_once(stage: Stage, chats: Chats) -> None:
    (code,) = stage.codes(1)
    with chats.served() as delivering, ThreadPoolExecutor(12) as hands:
        heard = list(hands.map(lambda _: delivering.deliver(text(USER, code)), range(24)))
    assert {(one.status, one.words) for one in heard} == {(200, POINTS)}
    assert chats.say(text(USER, "points", id="2")) is not None
    assert stage.told(USER, channel="wechat").count(POINTS) == 1


def test_messages_that_overtake_each_other_are_each_played_once(stage: Stage, chats: Chats) -> None:
    codes = stage.codes(4)
    documents = [text(USER, code, id=str(number)) for number, code in enumerate(codes)]
    for document in [*reversed(documents), *documents]:
        assert chats.say(document)
    last = chats.say(text(USER, stage.codes(1)[0], id="9"))
    assert last == "redeem.points balance=50 points=10"


def test_a_message_id_and_an_event_cannot_be_taken_for_each_other(stage: Stage, chats: Chats) -> None:
    assert chats.say(text("u", "help", id="u+1348831860+CLICK+help")) == chats.say(event("u", "CLICK", "help"))
    with stage.sessions() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM inbox").scalar() == 2


def test_one_id_with_another_text_is_not_answered(stage: Stage, chats: Chats) -> None:
    assert chats.say(text(USER, "help"))
    assert chats.say(text(USER, "points")) is None


def test_who_leaves_hears_nothing_and_is_asked_nothing(
    stage: Stage, chats: Chats, desk: Desk, strict: Platform
) -> None:
    assert chats.say(text(USER, "help"))
    strict.spoke(USER)
    assert chats.say(event(USER, "unsubscribe")) is None
    queue(stage, USER, Category.MARKETING, channel="wechat")
    desk.rounds()
    assert strict.texts(USER) == []


def test_a_late_answer_is_sent_by_the_interface_and_only_there(
    stage: Stage, chats: Chats, desk: Desk, strict: Platform
) -> None:
    (code,) = stage.codes(1)
    late = Chats(stage, late_s=3.6)
    strict.spoke(USER)
    assert late.say(text(USER, code)) is None
    late.close()
    assert chats.say(text(USER, code)) is None  # the platform delivers again: it is on its other path for ever
    desk.rounds()
    assert strict.texts(USER) == [POINTS]
    assert chats.say(text(USER, code)) is None
    desk.rounds()
    assert strict.texts(USER) == [POINTS]


def test_an_answer_in_time_stays_in_the_connection(stage: Stage, chats: Chats, desk: Desk, strict: Platform) -> None:
    (code,) = stage.codes(1)
    assert chats.say(text(USER, code)) == POINTS
    late = Chats(stage, late_s=3.6)
    assert late.say(text(USER, code)) == POINTS
    late.close()
    desk.rounds()
    assert strict.texts(USER) == []


class Slow:
    """A clock by which each step takes 4.4 of the 4.5 seconds that there are."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=4.4)
        return self.now


class Watched(Future[Answer]):
    """Remembers how long it was waited for."""

    patience_s: float | None = None

    def result(self, timeout: float | None = None) -> Answer:
        self.patience_s = timeout
        return super().result(timeout)


def test_a_turn_that_does_not_end_is_not_confirmed() -> None:
    waiting: list[Watched] = []

    def submit(_message: InboundMessage) -> Future[Answer]:
        waiting.append(Watched())
        return waiting[-1]

    app = Flask("slow")
    app.register_blueprint(blueprint([account()], submit, Slow(), random_bytes))
    sent = Delivering(lambda: NOW).signed(text("u", "hi"))
    response = app.test_client().post(f"/wechat/main{sent.target}", data=sent.body)
    assert response.status_code == 503
    assert waiting[0].patience_s is not None
    assert waiting[0].patience_s < 3
    assert waiting[0].cancelled()  # a turn that has not begun forgets the message, and takes the next delivery


def test_the_platform_delivers_again_what_was_refused(stage: Stage, chats: Chats) -> None:
    (code,) = stage.codes(1)
    refusals = [Busy("too many wait"), Unavailable("the database is away")]
    submit = chats.engine.submit

    def submitted(message: InboundMessage) -> Future[Answer]:
        if refusals:
            raise refusals.pop()
        return submit(message)

    app = Flask("again")
    app.register_blueprint(blueprint([account()], submitted, lambda: stage.now, random_bytes))
    chats.app = app
    with chats.served() as delivering:
        heard = delivering.deliver(text(USER, code))
    assert (heard.tries, heard.words) == (3, POINTS)


def test_the_rights_of_a_player_are_used_up_and_come_back(
    stage: Stage, chats: Chats, desk: Desk, strict: Platform
) -> None:
    assert chats.say(text(USER, "help"))
    strict.spoke(USER)
    queue(stage, USER, *[Category.NOTICE] * 7, channel="wechat")
    desk.rounds()
    assert len(strict.texts(USER)) == 5
    stage.wait(hours=1)
    assert (chats.say(text(USER, "help", id="2")) or "").count(SORRY) == 2  # what was held rides on the answer
    strict.spoke(USER)
    queue(stage, USER, *[Category.NOTICE] * 7, channel="wechat")
    desk.rounds()
    assert len(strict.texts(USER)) == 10


def test_a_right_that_the_platform_counts_otherwise_is_believed(
    stage: Stage, chats: Chats, desk: Desk, strict: Platform
) -> None:
    assert chats.say(text(USER, "help"))  # and the platform thinks that the player only tapped
    strict.tapped(USER)
    queue(stage, USER, *[Category.NOTICE] * 5, channel="wechat")
    desk.rounds()
    assert len(strict.texts(USER)) == 3
    strict.spoke(USER)
    assert (chats.say(text(USER, "help", id="2")) or "").count(SORRY) == 2
    queue(stage, USER, *[Category.NOTICE] * 2, channel="wechat")
    desk.rounds()
    assert len(strict.texts(USER)) == 5
    assert states(stage) == []


def test_a_notice_goes_by_consent_once_the_rights_have_ended(stage: Stage, chats: Chats, strict: Platform) -> None:
    api = Client(account(api_url=strict.url, template=None))
    desk = Desk(stage, WeChatSends(api))
    assert chats.say(text(USER, "help"))
    agreed = fixture("subscribe_popup").replace("otFpruAK8D-E6EfStSYonYSBZ8_4", USER)
    assert chats.say(agreed.replace("VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc", "notice-1")) is None
    stage.wait(days=3)
    queue(stage, USER, *[Category.NOTICE] * 2, channel="wechat")
    desk.rounds()
    (sent,) = strict.sent  # the other one waits until the player speaks or agrees
    assert sent["template_id"] == "notice-1"
    assert strict.calls[-1].endswith("/bizsend")
    said = chats.say(text(USER, "help", id="2"))
    assert (said or "").count(SORRY) == 2  # the field had no room for all of it, so the whole text comes, too
    strict.spoke(USER)
    desk.rounds()
    assert len(strict.sent) == 1
    desk.account.close()
    api.close()


def test_who_follows_is_welcomed_in_the_connection(chats: Chats) -> None:
    assert chats.say(event(USER, "subscribe"))
    assert chats.say(event(USER, "subscribe"))  # the same one again


def test_a_picture_is_answered_with_words(chats: Chats) -> None:
    assert chats.say(message(USER, "image", "1", PicUrl="http://x", MediaId="m"))


def test_a_choice_is_tapped_in_a_menu_message(stage: Stage, chats: Chats, desk: Desk, strict: Platform) -> None:
    stage.publish(PLAYED + GIFTS)
    for number, code in enumerate(stage.codes(4)):
        assert chats.say(text(USER, code, id=f"code-{number}"))
    strict.spoke(USER)
    late = Chats(stage, late_s=3.6)
    assert late.say(text(USER, "gifts", id="1")) is None
    late.close()
    desk.rounds()
    (sent,) = strict.sent
    mug, hat = sent["msgmenu"]["list"]
    assert (mug["content"], hat["content"]) == ("A mug", "A hat")
    asked = chats.say(text(USER, hat["content"], id="2", bizmsgmenuid=hat["id"]))
    assert asked is not None
    assert asked.startswith("gifts.confirm")
    assert "item=A hat" in asked


def test_an_account_without_customer_service_messages_says_its_notices_in_the_connection(
    stage: Stage, chats: Chats, desk: Desk, strict: Platform
) -> None:
    """An answer that came too late, and more notices than one answer has room for."""
    late = Chats(stage, late_s=3.6)
    assert late.say(text(USER, "help")) is None
    late.close()
    queue(stage, USER, *[Category.NOTICE] * 25, channel="wechat")
    strict.spoke(USER)
    strict.misbehave("/custom/send", *[48001] * 99)
    desk.rounds()
    assert (strict.texts(USER), states(stage)) == ([], ["held"] * 26)
    first = chats.say(text(USER, "points", id="2")) or ""
    desk.rounds()
    second = chats.say(text(USER, "points", id="3")) or ""
    desk.rounds()
    assert first.count("help.answer") == 1
    assert first.count(SORRY) + second.count(SORRY) == 25
    assert len(first.encode()) <= 2048 < len(first.encode()) + len(first.rpartition("\n\n")[2].encode()) + 2
    assert [chats.say(text(USER, "points", id=again)) for again in ("3", "2")] == [second, first]
    assert chats.say(text(USER, "help")) is None  # the late answer was to take its other path
    assert (strict.texts(USER), states(stage)) == ([], [])
