"""Polling against the fake Bot API, from the update to the commit and back to the offset."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest

from bots.base import Submit
from bots.telegram import polling, webhook
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import Answer, Answered, InboundMessage
from tests.adapters.telegram.rig import Chat, account, until
from tests.adapters.telegram.updates import entity, in_group, member, message, tap, update
from tests.fakes.telegram import Cut, FakeTelegram, Garbled, Half, Says
from tests.stage import START


class Turns:
    """An engine whose next outcomes a test decides; without any, turns succeed."""

    def __init__(self, *outcomes: Exception) -> None:
        self.outcomes = list(outcomes)
        self.got: list[InboundMessage] = []

    def submit(self, message: InboundMessage) -> "Future[Answer]":
        self.got.append(message)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if isinstance(outcome, Busy):
            raise outcome
        future: Future[Answer] = Future()
        if outcome is None:
            future.set_result(Answer(Answered.NEW))
        else:
            future.set_exception(outcome)
        return future

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.got]


@contextmanager
def polled(fake: FakeTelegram, submit: Submit, **waits: Any) -> Iterator[threading.Thread]:
    stopping = threading.Event()
    settings = {"poll_s": 5, "first_pause_s": 0.01, **waits}
    arguments = (account(fake, receive="polling", webhook_secret=None), submit, lambda: START, stopping)
    thread = threading.Thread(target=polling.run, args=arguments, kwargs=settings)
    thread.start()
    try:
        yield thread
    finally:
        stopping.set()
        thread.join(60)
    assert not thread.is_alive()


def asked(fake: FakeTelegram) -> list[str | None]:
    return [params.get("offset") for params in fake.bot.called("getUpdates")]


def test_only_an_account_that_says_so_is_polled(fake: FakeTelegram) -> None:
    with pytest.raises(ValueError, match=r"telegram\.main: receive is not polling"):
        polling.run(account(fake), Turns().submit, lambda: START, threading.Event())
    assert fake.bot.calls == []


def test_updates_become_messages_and_the_offset_moves(fake: FakeTelegram) -> None:
    turns = Turns()
    fake.bot.webhook = {"url": "https://old.example"}
    fake.bot.post(message("one", id=10), message("two", id=11))
    with polled(fake, turns.submit):
        until(lambda: "12" in asked(fake))
        fake.bot.post(message("three", id=12))
        until(lambda: "13" in asked(fake))
    assert turns.texts == ["one", "two", "three"]
    assert asked(fake) == [None, "12", "13"]
    assert (fake.bot.updates, fake.bot.webhook) == ([], {})


def test_all_kinds_of_updates(fake: FakeTelegram) -> None:
    turns = Turns()
    named = in_group("@HuojuBot points", entities=[entity("mention", 0, 9)])
    sent = [message("/start XY"), tap("points"), named, member("kicked"), message(sticker=_STICKER), update()]
    fake.bot.post(*sent)
    with polled(fake, turns.submit):
        until(lambda: not fake.bot.updates)
        until(lambda: fake.bot.called("editMessageReplyMarkup"))
    kinds = [(one.text, one.kind.value) for one in turns.got]
    assert kinds == [("XY", "opened"), ("points", "tapped"), ("points", "group"), ("", "left"), ("", "showed")]


_STICKER = {
    "file_id": "x",
    "file_unique_id": "y",
    "type": "regular",
    "width": 1,
    "height": 1,
    "is_animated": False,
    "is_video": False,
}


@pytest.mark.parametrize(
    "fault", [Busy("many wait"), Unavailable("gone"), KeyError("a bug")], ids=["busy", "unavailable", "bug"]
)
def test_an_update_whose_turn_failed_is_fetched_again(fake: FakeTelegram, fault: Exception) -> None:
    turns = Turns(fault, fault)
    fake.bot.post(message("one", id=10), message("two", id=11))
    with polled(fake, turns.submit):
        until(lambda: not fake.bot.updates)
    assert turns.texts == ["one", "one", "one", "two"]
    assert asked(fake)[:4] == [None, None, None, "12"]


def test_what_was_taken_before_the_fault_is_not_fetched_again(fake: FakeTelegram) -> None:
    done = Turns()

    def submit(message: InboundMessage) -> "Future[Answer]":
        if message.text == "two" and "two" not in done.texts:
            done.got.append(message)
            raise Busy("many wait")
        return done.submit(message)

    fake.bot.post(message("one", id=10), message("two", id=11))
    with polled(fake, submit):
        until(lambda: not fake.bot.updates)
    assert done.texts == ["one", "two", "two"]
    assert asked(fake)[:3] == [None, "11", "12"]


def test_an_update_that_cannot_be_one_is_skipped(fake: FakeTelegram) -> None:
    turns = Turns()
    unreadable = [update(11, message=[1]), update(12, message={"telepathy": 7}), update(13, my_chat_member={"a": 1})]
    fake.bot.post(message("huge", by=2**70, id=10), *unreadable, message("one", id=14))
    counted: list[tuple[str, ...]] = []
    with polled(fake, turns.submit, unread=lambda *told: counted.append(told)):
        until(lambda: not fake.bot.updates)
    assert turns.texts == ["one"]
    assert counted == [("telegram", "main", "id", "10"), ("telegram", "main", "message", "11")]


GARBLED = [
    # what                        in place of an update                                        counted as
    ("a number",                  b"7",                                                        ("update_id", None)),
    ("nothing",                   b"null",                                                     ("update_id", None)),
    ("a list",                    b"[[]]",                                                     ("update_id", None)),
    ("without a number",          b'{"message": {"text": "x"}}',                               ("update_id", None)),
    ("a number in words",         b'{"update_id": "11"}',                                      ("update_id", None)),
    ("truth for a number",        b'{"update_id": true}',                                      ("update_id", None)),
    ("more than any number",      b'{"update_id": 1' + b"0" * 40 + b"}",                       ("update_id", None)),
    ("a message of another type", b'{"update_id": 11, "message": "x"}',                        ("message", "11")),
    ("a sender of another type",  b'{"update_id": 11, "message": {"from": 7, "text": "x"}}',   ("from", "11")),
    ("endless digits",            b'{"update_id": 11, "message": {"date": 1' + b"0" * 5000 + b"}}", ("body", "11")),
    ("too deep",                  b'{"update_id":11,"message":' + b"[" * 99_999 + b"]" * 99_999 + b"}", ("body", "11")),
    ("no JSON",                   b'{"update_id": 11, "message": {"text": "\x00"}}',           ("body", "11")),
    ("no UTF-8",                  b'{"update_id": 11, "message": ["\xff\xfe"]}',               ("message", "11")),
]  # fmt: skip


def test_updates_that_nobody_can_read_hold_up_no_other_one(fake: FakeTelegram) -> None:
    turns, counted = Turns(), list[tuple[str | None, ...]]()
    bad, good = range(11, 11 + 2 * len(GARBLED), 2), range(10, 12 + 2 * len(GARBLED), 2)
    fake.bot.garbled = {each: row[1].replace(b"11", b"%d" % each, 1) for each, row in zip(bad, GARBLED, strict=True)}
    fake.bot.post(*(message(str(each), id=each) for each in range(good[0], good[-1] + 1)))
    with polled(fake, turns.submit, first_pause_s=0.001, unread=lambda *told: counted.append(told[2:])):
        until(lambda: not fake.bot.updates)
    assert turns.texts == [str(each) for each in good]
    expected = [(what, number and str(each)) for each, (_, _, (what, number)) in zip(bad, GARBLED, strict=True)]
    assert list(dict.fromkeys(each for each in counted if each[1])) == [each for each in expected if each[1]]
    assert set(counted) == set(expected)


def test_the_last_update_that_nobody_can_read_is_passed(fake: FakeTelegram) -> None:
    turns = Turns()
    fake.bot.garbled[11] = b'{"update_id": 11, "message": {"text": "\x00"}}'
    fake.bot.post(message("one", id=10), message("two", id=11))
    with polled(fake, turns.submit, first_pause_s=0.001):
        until(lambda: "12" in asked(fake))
        fake.bot.post(message("three", id=12))
        until(lambda: not fake.bot.updates)
    assert turns.texts == ["one", "three"]


def test_what_a_proxy_says_for_a_while_gives_up_no_update(fake: FakeTelegram) -> None:
    """Neither what tells of no update, nor what comes cut, each time elsewhere."""
    whole, counted = b'{"ok": true, "result": [{"update_id": 10, "message": {"text": "one"', list[tuple[str, ...]]()
    cut = [Says(200, whole[:length]) for length in (60, 50, 60)]
    fake.bot.trouble("getUpdates", *cut, *[Says(200, b"<html>")] * 2, *[Says(502, whole)] * 2)
    fake.bot.post(message("one", id=10), message("two", id=11))
    turns = Turns()
    with polled(fake, turns.submit, first_pause_s=0.001, unread=lambda *told: counted.append(told)):
        until(lambda: not fake.bot.updates)
    assert (turns.texts, counted) == (["one", "two"], [])


def test_a_fault_of_ours_in_reading_ends_nothing(fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    def inbound(*told: Any) -> InboundMessage | None:
        found = webhook.inbound(*told)
        if found is not None and found.text == "one":
            raise ZeroDivisionError
        return found

    monkeypatch.setattr(polling, "inbound", inbound)
    turns, counted = Turns(), list[tuple[str, ...]]()
    fake.bot.post(message("one", id=10), message("two", id=11))
    with polled(fake, turns.submit, unread=lambda *told: counted.append(told)):
        until(lambda: not fake.bot.updates)
    assert (turns.texts, counted) == (["two"], [("telegram", "main", "ZeroDivisionError", "10")])


def test_an_update_that_was_tampered_with_is_counted(fake: FakeTelegram) -> None:
    def submit(message: InboundMessage) -> "Future[Answer]":
        future: Future[Answer] = Future()
        future.set_result(Answer(Answered.TAMPERED))
        return future

    counted: list[str] = []
    fake.bot.post(message("one", id=10))
    with polled(fake, submit, unread=lambda *told: counted.append(told[2])):
        until(lambda: not fake.bot.updates)
    assert counted == ["tampered"]


TROUBLES = [
    ("another poller", Says.error(409, "Conflict: terminated by other getUpdates request")),
    ("flood", Says.flood(0.05)),
    ("server error", Says.error(500, "Internal Server Error")),
    ("cut", Cut(acts=False)),
    ("half", Half()),
    ("garbage", Garbled(200)),
    ("an update without a number", Says(200, b'{"ok": true, "result": [{"update_id": "x"}]}')),
    ("a result of a strange kind", Says(200, b'{"ok": true, "result": 7}')),
    ("a token that is not known", Says.error(401, "Unauthorized")),
]


@pytest.mark.parametrize("trouble", [row[1] for row in TROUBLES], ids=[row[0] for row in TROUBLES])
@pytest.mark.parametrize("method", ["getUpdates", "getMe"])
def test_trouble_is_waited_out(fake: FakeTelegram, trouble: Any, method: str) -> None:
    turns = Turns()
    fake.bot.trouble(method, trouble, trouble)
    fake.bot.post(message("one", id=10))
    with polled(fake, turns.submit):
        until(lambda: not fake.bot.updates)
    assert turns.texts == ["one"]


def test_two_pollers_do_not_stop_each_other(fake: FakeTelegram) -> None:
    turns = Turns()
    with polled(fake, turns.submit), polled(fake, turns.submit) as other:
        until(lambda: fake.bot.fetching > 4)
        fake.bot.post(message("one", id=10))
        until(lambda: not fake.bot.updates)
        assert other.is_alive()
    assert set(turns.texts) == {"one"}


def test_a_server_that_keeps_no_request_open_is_not_asked_without_a_pause(fake: FakeTelegram) -> None:
    fake.bot.keeps_open = False
    began_s = time.monotonic()
    with polled(fake, Turns().submit):
        until(lambda: len(fake.bot.called("getUpdates")) > 3)
    assert time.monotonic() - began_s > 3 * 0.2


def test_a_stop_does_not_wait_for_a_pause(fake: FakeTelegram) -> None:
    fake.bot.trouble("getUpdates", Says.flood(10_000))
    with polled(fake, Turns().submit) as thread:
        until(lambda: fake.bot.called("getUpdates"))
    assert not thread.is_alive()


def test_a_stop_before_telegram_knew_the_token_leaves_nothing_open(fake: FakeTelegram) -> None:
    fake.bot.trouble("getMe", *[Says.error(401, "Unauthorized")] * 50)
    with polled(fake, Turns().submit):
        until(lambda: len(fake.bot.called("getMe")) > 1)
    until(lambda: not fake.open)


def test_the_conversation_of_a_polled_bot(chat: Chat) -> None:
    chat.fake.bot.post(message("help", id=10), message("help", id=11))
    with polled(chat.fake, chat.engine.submit):
        until(lambda: not chat.fake.bot.updates)
    assert len(chat.deliver()) == 2
