"""Load shedding, and the way straight to a door: too many are told so at once, and both ways to a door say the same."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask, Response, request
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.test import Client

from bots.base import Forged, Malformed
from bots.fast_path import FastPath
from bots.http_errors import register_error_handlers
from bots.request_body import body_of
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import NotAMessage
from huoju.web.load_shedding import BODY, LoadShedding

PATIENCE_S = 60


class House:
    """An application that keeps whoever comes to /slow until it is told to let go."""

    def __init__(self) -> None:
        self.entered, self.let_go = threading.Semaphore(0), threading.Event()

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/slow":
            self.entered.release()
            assert self.let_go.wait(PATIENCE_S)
        if environ["PATH_INFO"] == "/broken":
            raise ZeroDivisionError
        start_response("200 OK", [("Content-Length", "2")])
        return [b"in"]


@pytest.fixture
def full() -> Iterator[tuple[House, Client]]:
    """A house for two, with two inside."""
    house = House()
    client = Client(LoadShedding(house, 2))
    guests = [threading.Thread(target=client.post, args=("/slow",)) for _ in range(2)]
    for guest in guests:
        guest.start()
        assert house.entered.acquire(timeout=PATIENCE_S)
    yield house, client
    house.let_go.set()
    for guest in guests:
        guest.join(PATIENCE_S)
    assert client.post("/").data == b"in", "nobody is inside any more"


def test_whoever_comes_when_it_is_full_is_told_to_come_again(full):
    _, client = full
    answer = client.post("/")
    assert (answer.status_code, answer.data, answer.headers["Retry-After"]) == (503, BODY, "2")


def test_what_is_no_message_gets_in_all_the_same(full):
    _, client = full
    assert client.get("/healthz").data == b"in"


def test_a_fault_inside_takes_up_no_place():
    client = Client(LoadShedding(House(), 1))
    with pytest.raises(ZeroDivisionError):
        client.post("/broken")
    assert client.post("/").status_code == 200


ENDS = [
    # id             what the door does
    ("answers",      None),
    ("forged",       Forged("signature: it does not fit")),
    ("malformed",    Malformed("body: this is no XML")),
    ("no message",   NotAMessage("id: may not be empty")),
    ("busy",         Busy("too many messages wait")),
    ("unavailable",  Unavailable("the turn takes too long")),
    ("not found",    NotFound()),
    ("too large",    RequestEntityTooLarge()),
    ("unforeseen",   ZeroDivisionError()),
]  # fmt: skip


@pytest.mark.parametrize("error", [end[1] for end in ENDS], ids=[end[0] for end in ENDS])
def test_both_ways_to_a_door_say_the_same(error):
    def door(environ) -> Response:
        if error:
            raise error
        return Response(environ["wsgi.input"].read(), content_type="text/plain")

    web = Flask(__name__, static_folder=None)
    register_error_handlers(web)
    web.add_url_rule("/door", view_func=lambda: door(request.environ), methods=["POST"])
    through_flask, straight = Client(web), Client(FastPath(web, {"/door": door}))
    one, other = (client.post("/door", data=b"hello") for client in (through_flask, straight))
    assert (one.status, one.data, dict(one.headers)) == (other.status, other.data, dict(other.headers))


def test_only_messages_go_straight():
    web = Flask(__name__, static_folder=None)
    web.add_url_rule("/door", view_func=lambda: "Flask", methods=["GET", "POST"])
    client = Client(FastPath(web, {"/door": lambda _environ: Response("straight")}))
    assert [client.get("/door").text, client.post("/door").text] == ["Flask", "straight"]


class Parcel:
    """A body that comes when it is let go."""

    def __init__(self) -> None:
        self.asked, self.sent = threading.Event(), threading.Event()

    def read(self, size: int) -> bytes:
        self.asked.set()
        assert self.sent.wait(PATIENCE_S)
        return b"a" * size


def _reader(environ, start_response):
    try:
        body_of(environ)
    except Busy:
        start_response("429 Too Many Requests", [("Content-Length", "0")])
        return [b""]
    start_response("200 OK", [("Content-Length", "2")])
    return [b"in"]


def test_a_body_on_its_way_takes_up_no_place():
    shedding, parcel = LoadShedding(_reader, 1, 1), Parcel()
    waiting = threading.Thread(
        target=Client(shedding).post,
        args=("/",),
        kwargs={"environ_overrides": {"CONTENT_LENGTH": "5", "wsgi.input": parcel}},
    )
    waiting.start()
    assert parcel.asked.wait(PATIENCE_S)
    client = Client(shedding)
    assert client.post("/", environ_overrides={"CONTENT_LENGTH": "0"}).status_code == 200
    assert client.post("/", data=b"hello").status_code == 429, "only so many bodies are awaited"
    parcel.sent.set()
    waiting.join(PATIENCE_S)
    assert client.post("/", data=b"hello").status_code == 200


def test_whoever_is_answered_unread_is_told_that_the_connection_closes():
    client = Client(LoadShedding(House(), 1, 1))
    assert client.post("/", data=b"hello").headers["Connection"] == "close"
    assert "Connection" not in client.post("/").headers
    assert "Connection" not in client.get("/").headers
    assert "Connection" not in Client(LoadShedding(_reader, 1, 1)).post("/", data=b"hello").headers
