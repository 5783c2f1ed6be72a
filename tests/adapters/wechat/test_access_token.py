"""The access token: one for everybody, kept while it is good, and got again once when it is not."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pydantic import SecretStr

from bots.wechat.client import Client
from bots.wechat.outbound import WeChatSends
from core.sending.outbound import Delivered, TryAgain
from tests.adapters.wechat.rig import account, outbound
from tests.fakes.wechat import Platform

THREADS = 20


class Running:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def running() -> Running:
    return Running()


@pytest.fixture
def sends(platform: Platform, running: Running):
    api = Client(account(api_url=platform.url, at_once=THREADS), running)
    yield WeChatSends(api)
    api.close()


def asked(platform: Platform) -> int:
    return platform.calls.count("/cgi-bin/stable_token")


def test_it_is_kept_while_it_is_good(platform: Platform, sends: WeChatSends, running: Running) -> None:
    for _ in range(3):
        assert sends.send(outbound()) == Delivered()
    assert asked(platform) == 1
    running.now_s += 7200 - 121
    sends.send(outbound())
    assert asked(platform) == 1
    running.now_s += 2
    sends.send(outbound())
    assert asked(platform) == 2


def test_a_short_one_is_kept_for_half_its_life(platform: Platform, sends: WeChatSends, running: Running) -> None:
    platform.expires_in = 100
    sends.send(outbound())
    running.now_s += 49
    sends.send(outbound())
    assert asked(platform) == 1
    running.now_s += 2
    sends.send(outbound())
    assert asked(platform) == 2


def together(sends: WeChatSends) -> set[object]:
    """What becomes of twenty texts that are sent at one moment."""
    barrier = threading.Barrier(THREADS)

    def send(number: int) -> object:
        barrier.wait(60)
        return sends.send(outbound(id=f"{number:032x}-1"))

    with ThreadPoolExecutor(THREADS) as hands:
        return set(hands.map(send, range(THREADS)))


def test_twenty_threads_get_the_first_one_once(platform: Platform, sends: WeChatSends) -> None:
    assert together(sends) == {Delivered()}
    assert asked(platform) == 1


@pytest.mark.parametrize("given_out_still", [False, True], ids=["renewed elsewhere", "given out still"])
def test_twenty_threads_get_another_one_once(platform: Platform, sends: WeChatSends, given_out_still: bool) -> None:
    assert sends.send(outbound()) == Delivered()
    platform.end_token(given_out_still=given_out_still)
    assert together(sends) == {Delivered()}
    assert asked(platform) == (3 if given_out_still else 2)
    assert len(platform.sent) == THREADS + 1


@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_the_text_is_sent_after_it(platform: Platform, sends: WeChatSends, code: int) -> None:
    platform.misbehave("/custom/send", code)
    assert sends.send(outbound()) == Delivered()
    assert len(platform.sent) == 1


def test_it_is_forced_once_a_minute_at_most(platform: Platform, sends: WeChatSends, running: Running) -> None:
    platform.misbehave("/custom/send", *[40001] * 8)
    for _ in range(4):
        assert sends.send(outbound()) == TryAgain("wechat_40001", timedelta(minutes=1))
    assert platform.token == "token-2"
    running.now_s += 61
    assert sends.send(outbound()) == Delivered()


@pytest.mark.parametrize(
    ("how", "outcome"),
    [
        (40164, TryAgain("wechat_40164", timedelta(minutes=5))),
        (40003, TryAgain("wechat_40003", timedelta(minutes=5))),
        (-1, TryAgain("wechat_-1")),
        ("500", TryAgain("http_500")),
        ("429", TryAgain("http_429", timedelta(minutes=1))),
        ("html", TryAgain("no_json", timedelta(minutes=1))),
        ("[]", TryAgain("no_object", timedelta(minutes=1))),
        ("half", TryAgain("no_answer")),
        ("cut", TryAgain("no_answer")),
    ],
    ids=str,
)  # fmt: skip
def test_without_one_no_text_was_taken(platform: Platform, sends: WeChatSends, how, outcome) -> None:
    platform.misbehave("/stable_token", how)
    assert sends.send(outbound()) == outcome
    assert sends.send(outbound()) == Delivered()


def test_wrong_credentials_refuse_no_text(platform: Platform) -> None:
    api = Client(account(api_url=platform.url, secret=SecretStr("wrong")))
    assert WeChatSends(api).send(outbound()) == TryAgain("wechat_40125", timedelta(minutes=5))
    api.close()
