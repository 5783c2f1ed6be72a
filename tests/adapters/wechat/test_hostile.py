"""WeChat's client against servers that are slow, break off, or have no end: a call ends, and tells what it knows."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bots.wechat.client import ANSWER_BYTES, Client
from bots.wechat.outbound import WeChatSends
from core.sending.outbound import Delivered, Outcome, TryAgain, Unknown
from tests.adapters.wechat.rig import account, outbound
from tests.fakes.gateways import Call, Platform, Reply, dripping, drop, garbage, half, running, silent

WELL = b'{"errcode":0,"errmsg":"ok"}'


class Server(Platform):
    """It gives out tokens, and takes whatever it is told."""

    def properly(self, call: Call) -> Reply:
        if call.path.endswith("/stable_token"):
            return Reply(200, json.dumps({"access_token": "token", "expires_in": 7200}).encode())
        return Reply(200, WELL)


@pytest.fixture
def server() -> Iterator[Server]:
    with running(Server) as platform:
        yield platform


@pytest.fixture
def api(server: Server) -> Iterator[Client]:
    client = Client(account(api_url=server.url), step_s=0.5)
    client.check(client.soon_s())
    yield client
    client.close()


def chunked(handler: Any, *, whole: bool = True) -> None:
    """The answer in chunks, whole or without its end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for piece in (WELL[:9], WELL[9:]):
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    if whole:
        handler.wfile.write(b"0\r\n\r\n")


def chunked_half(handler: Any) -> None:
    chunked(handler, whole=False)


def endless(handler: Any) -> None:
    """More than anybody wants."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (ANSWER_BYTES + 1))


_hung_up = threading.Event()


def closing(handler: Any) -> None:
    """A whole answer, after which the server hangs up without saying that it will."""
    _hung_up.clear()
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(WELL), WELL))
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_RDWR)
    _hung_up.set()


LOST = Unknown("no_answer")
ACTS: list[tuple[Any, Outcome]] = [
    (silent, LOST),
    (dripping, LOST),
    (drop, LOST),
    (half, LOST),
    (garbage, LOST),
    (endless, LOST),
    (chunked_half, LOST),
    (chunked, Delivered()),
    (closing, Delivered()),
]


@pytest.mark.parametrize(("act", "outcome"), ACTS, ids=[act.__name__ for act, _ in ACTS])
def test_a_text_ends_in_time_and_the_next_one_goes(server: Server, api: Client, act: Any, outcome: Outcome) -> None:
    sends = WeChatSends(api)
    server.acts.append(act)
    begun_s = time.monotonic()
    assert sends.send(outbound(id="1")) == outcome
    assert time.monotonic() - begun_s < 60  # and not for as long as the server likes
    if act is closing:
        assert _hung_up.wait(60)  # else it may be spoken to before it does
    assert sends.send(outbound(id="2")) == Delivered()


@pytest.mark.parametrize("act", [each for each, outcome in ACTS if outcome == LOST], ids=lambda act: act.__name__)
def test_what_changes_nothing_is_asked_again(server: Server, api: Client, act: Any) -> None:
    server.acts.append(act)
    with pytest.raises(Exception, match="no_answer") as caught:
        api.people(api.soon_s())
    assert caught.value.outcome == TryAgain("no_answer")  # type: ignore[attr-defined]


def test_a_token_that_drips_is_not_waited_for(server: Server) -> None:
    server.acts.append(dripping)
    client = Client(account(api_url=server.url), step_s=0.5)
    assert WeChatSends(client).send(outbound()) == TryAgain("no_answer")
    client.close()
