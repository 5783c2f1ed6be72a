"""Public pages have hands of their own: no number of visitors keeps a message waiting, no address keeps the others."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from werkzeug.test import Client

from huoju.web import pages
from huoju.web.load_shedding import LoadShedding
from huoju.web.rate_limit import ADDRESSES_KEPT, PublicPages, RateLimit
from tests.huoju.test_load_shedding import House
from tests.playground.rig import Door
from tests.relay.torchbearers import RELAY, open_relay, param
from tests.stage import Stage

PATIENCE_S = 60
SLOW = "/t/slow"


class Gallery(House):
    """Keeps whoever looks at a picture until it is told to let go."""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        inside = environ | {"PATH_INFO": "/slow"} if environ["PATH_INFO"] == SLOW else environ
        return super().__call__(inside, start_response)


@pytest.fixture
def crowded() -> Iterator[Client]:
    """Two hands for messages, three for visitors, and those three are taken."""
    gallery = Gallery()
    client = Client(PublicPages(gallery, LoadShedding(gallery, 2), 3, RateLimit(1000)))
    with ThreadPoolExecutor(3) as pool:
        guests = [pool.submit(client.get, SLOW) for _ in range(3)]
        try:
            for _ in range(3):
                assert gallery.entered.acquire(timeout=PATIENCE_S)
            yield client
        finally:
            gallery.let_go.set()
        assert [each.result(PATIENCE_S).status_code for each in guests] == [200] * 3
    assert client.get("/t/word").data == b"in", "nobody is inside any more"


@pytest.mark.parametrize("path", ["/t/word/tree.png", "/t/word", "/i/word/qr.png", "/c/7K2M-9QXR"])
def test_one_visitor_too_many_is_told_to_come_again(crowded: Client, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS"):
        answer = crowded.open(path, method=method)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_messages_and_health_are_never_behind_pictures(crowded: Client) -> None:
    assert [crowded.post("/playground/say").data for _ in range(3)] == [b"in"] * 3
    assert crowded.get("/healthz").data == b"in"


def _open(visits: RateLimit) -> Client:
    return Client(PublicPages(House(), LoadShedding(House(), 2), 3, visits))


def _status(client: Client, address: str, *, passed: str | None = None, path: str = "/t/word") -> int:
    headers = [] if passed is None else [("X-Forwarded-For", passed)]
    return client.get(path, environ_base={"REMOTE_ADDR": address}, headers=headers).status_code


def test_screens_have_visits_of_their_own() -> None:
    client = Client(PublicPages(House(), LoadShedding(House(), 2), 3, RateLimit(1), RateLimit(10)))
    screens = [_status(client, "192.0.2.1", path="/console/link/console.json") for _ in range(11)]
    assert screens == [200] * 10 + [429]
    assert [_status(client, "192.0.2.1") for _ in range(2)] == [200, 429]


def test_an_address_has_so_many_visits_and_they_come_back() -> None:
    now = [0.0]
    client = _open(RateLimit(6, clock=lambda: now[0]))
    assert [_status(client, "203.0.113.9") for _ in range(8)] == [200] * 6 + [429] * 2
    answer = client.get("/i/word", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
    assert _status(client, "203.0.113.8") == 200
    assert _status(client, "203.0.113.9", path="/readyz") == 200
    now[0] += int(answer.headers["Retry-After"])
    assert [_status(client, "203.0.113.9") for _ in range(2)] == [200, 429]
    now[0] += 3600
    assert [_status(client, "203.0.113.9") for _ in range(7)] == [200] * 6 + [429]


def test_a_message_is_never_a_visit() -> None:
    client = _open(RateLimit(1))
    assert [client.post("/t/word").status_code for _ in range(5)] == [200] * 5


@pytest.mark.parametrize(
    ("proxies", "visits", "answers"),
    [
        # proxies that are ours, (address, X-Forwarded-For) of each visit, and what comes of it with one a minute
        (0, [("8.8.4.4", "1.1.1.1"), ("8.8.4.4", "2.2.2.2")], [200, 429]),
        (0, [("127.0.0.1", None), ("127.0.0.1", None)], [200, 429]),
        (0, [("10.0.0.2", "1.1.1.1"), ("10.0.0.2", "1.1.1.1")], [200, 200]),
        (1, [("10.0.0.2", "1.1.1.1"), ("10.0.0.2", "2.2.2.2"), ("10.0.0.2", "1.1.1.1")], [200, 200, 429]),
        (1, [("10.0.0.2", "9.9.9.9, 1.1.1.1"), ("10.0.0.2", "8.8.8.8, 1.1.1.1")], [200, 429]),
        (2, [("10.0.0.2", "1.1.1.1, 10.0.0.3"), ("10.0.0.2", "7.7.7.7, 1.1.1.1, 10.0.0.3")], [200, 429]),
        (1, [("10.0.0.2", None), ("10.0.0.2", None)], [200, 429]),
        (1, [("10.0.0.2", "unknown"), ("10.0.0.2", "unknown")], [200, 200]),
        (0, [("2001:db8:1:2::1", None), ("2001:db8:1:2:9::9", None), ("2001:db8:1:3::1", None)], [200, 429, 200]),
        (0, [("::ffff:203.0.113.9", None), ("203.0.113.9", None)], [200, 429]),
    ],
)
def test_who_a_visitor_is(proxies: int, visits: list[tuple[str, str | None]], answers: list[int]) -> None:
    client = _open(RateLimit(1, proxies, clock=lambda: 0.0))
    assert [_status(client, address, passed=passed) for address, passed in visits] == answers


def test_addresses_without_end_take_no_room_without_end() -> None:
    visits = RateLimit(1, clock=count().__next__)
    for number in range(ADDRESSES_KEPT + 10):
        assert visits.wait_s({"REMOTE_ADDR": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"}) == 0
    assert len(visits._left) == ADDRESSES_KEPT


def test_many_ask_for_one_tree_and_it_is_drawn_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, drawn = threading.Event(), threading.Event(), list[bytes]()
    paint = pages.as_png

    def slowly(*of: Any) -> bytes:
        begun.set()
        assert go_on.wait(PATIENCE_S)
        drawn.append(paint(*of))
        return drawn[-1]

    monkeypatch.setattr(pages, "as_png", slowly)
    open_relay(stage, RELAY)
    word, door = param(stage.say("torch", by="anna"), "word"), Door(stage)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(door.app.test_client().get, f"/t/{word}/tree.png") for _ in range(8)]
        assert begun.wait(PATIENCE_S)
        assert door.client.get(f"/t/{word}").status_code == 200
        go_on.set()
        answers = [each.result(PATIENCE_S) for each in asked]
    assert {answer.data for answer in answers if answer.status_code == 200} == set(drawn)
    assert len(drawn) == 1
    again = door.client.get(f"/t/{word}/tree.png", headers={"If-None-Match": answers[0].headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
