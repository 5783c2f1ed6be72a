"""The JSON door: bytes in, status and sentence out."""

import io
import json
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from bots.base import BODY_LIMIT
from bots.http_errors import register_error_handlers
from bots.playground.api import Playground, blueprint
from bots.playground.guard import Guard
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import Answer, InboundMessage
from tests.playground.rig import PLAYED, Door
from tests.relay.torchbearers import RELAY, begin
from tests.stage import Stage

pytestmark = pytest.mark.reading


def _json(**changes: object) -> bytes:
    return json.dumps({"phone": "anna", "id": "1", "text": "help", **changes}).encode()


def _without(part: str) -> bytes:
    return json.dumps({"phone": "anna", "id": "1", "text": "help", part: None}).encode()


JSON = {"Content-Type": "application/json"}
GIFTS = """
gifts:
  - {name: mug, title: {zh: 马克杯, en: A mug}, price: 20 points, stock: 5, claim: counter}
  - {name: hat, title: {zh: 帽子, en: A hat}, price: 30 points, stock: 5, claim: counter}
"""
LOCAL_ONLY = "; set HUOJU_PLAYGROUND_PASSWORD to open it to others"

REFUSED = [
    # id                    body                             headers                                    status, error
    ("another host", _json(), {"Host": "evil.example"}, 403, "host: this playground answers to localhost only"),
    ("no host", _json(), {"Host": ""}, 403, "host: this playground answers to localhost only"),
    ("host like ours", _json(), {"Host": "localhost.evil.example:8000"}, 403, "host: this playground answers"),
    ("behind a proxy", _json(), {"X-Forwarded-For": "8.8.8.8"}, 403, "client: this playground serves its own machine"),
    ("another page", _json(), {"Sec-Fetch-Site": "cross-site"}, 403, "origin: only the playground's own page"),
    ("a sister's page", _json(), {"Sec-Fetch-Site": "same-site"}, 403, "origin: only the playground's own page"),
    ("another origin", _json(), {"Origin": "http://evil.example"}, 403, "origin: only the playground's own page"),
    ("another port", _json(), {"Origin": "http://localhost:1"}, 403, "origin: only the playground's own page"),
    ("no origin at all", _json(), {"Origin": "null"}, 403, "origin: only the playground's own page"),
    ("a form", _json(), {"Content-Type": "text/plain"}, 400, "Content-Type: send application/json"),
    ("too long", b" " * (BODY_LIMIT + 1), {}, 413, "body: send at most 65536 bytes"),
    ("empty", b"", {}, 400, "body: send one JSON object in UTF-8"),
    ("not JSON", b"phone=anna", {}, 400, "body: send one JSON object in UTF-8"),
    ("not UTF-8", b'{"phone": "\xff"}', {}, 400, "body: send one JSON object in UTF-8"),
    ("too deep", b"[" * 60_000, {}, 400, "body: send one JSON object in UTF-8"),
    ("a huge number", b'{"id": ' + b"9" * 60_000 + b"}", {}, 400, "body: send one JSON object in UTF-8"),
    ("a list", b"[1]", {}, 400, "body: send one JSON object like"),
    ("no phone", b"{}", {}, 400, "phone: send a string"),
    ("phone null", _without("phone"), {}, 400, "phone: send a string"),
    ("phone a number", _json(phone=7), {}, 400, "phone: send a string"),
    ("phone empty", _json(phone=""), {}, 400, "phone: may not be empty"),
    ("phone long", _json(phone="a" * 129), {}, 400, "user: give 1 to 128 characters"),
    ("id null", _without("id"), {}, 400, "id: send a string"),
    ("id a number", _json(id=1), {}, 400, "id: send a string"),
    ("id empty", _json(id=""), {}, 400, "id: may not be empty"),
    ("text null", _without("text"), {}, 400, "text: send a string"),
    ("text a list", _json(text=["help"]), {}, 400, "text: send a string"),
    ("typed a word", _json(typed="no"), {}, 400, "typed: send true, or false for a scan"),
]


@pytest.mark.reading
@pytest.mark.parametrize(
    ("body", "headers", "status", "error"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_is_refused_is_told_why(door: Door, body: bytes, headers: dict[str, str], status: int, error: str) -> None:
    answer = door.client.post("/playground/say", data=body, headers={**JSON, **headers})
    assert answer.status_code == status
    assert answer.json["error"].startswith(error)
    assert door.news("anna:0").json["phones"]["demo"] == {"anna": []}


def test_somebody_else_s_machine_is_refused(door: Door) -> None:
    answer = door.client.post("/playground/say", data=_json(), headers=JSON, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert (answer.status_code, answer.json["error"]) == (
        403,
        "client: this playground serves its own machine only" + LOCAL_ONLY,
    )


@pytest.mark.reading
def test_a_long_body_is_not_read(door: Door) -> None:
    class Unreadable(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("it was read")

    length = {"CONTENT_LENGTH": str(BODY_LIMIT + 1)}
    answer = door.client.post(
        "/playground/say", input_stream=Unreadable(), content_type="application/json", environ_overrides=length
    )
    assert answer.status_code == 413


@pytest.mark.reading
@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:80", "[::1]:8000", "[::1]", "LOCALHOST"])
def test_the_own_page_is_served(door: Door, host: str) -> None:
    answer = door.say("help", Host=host, Origin=f"http://{host}")
    assert (answer.status_code, answer.json["how"]) == (200, "new")


def test_an_answer_and_the_same_again(door: Door) -> None:
    (code,) = door.stage.codes(1)
    first = door.say(code)
    told = {"texts": ["redeem.points balance=10 points=10"], "sequence": [1], "choices": [[]], "pictures": [None]}
    assert first.json == {"how": "new", **told}
    assert door.say(code).json == {**first.json, "how": "repeated"}
    assert (first.headers["Cache-Control"], first.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def _tap(door: Door, **parts: object) -> TestResponse:
    return door.client.post("/playground/say", data=_json(**parts), headers=JSON)


def test_what_may_be_chosen_comes_as_choices_and_a_tap_names_its_question(door: Door) -> None:
    door.stage.publish(PLAYED.replace("name: snack", "name: shop") + GIFTS)
    door.say(door.stage.codes(1, "shop")[0], id="1")
    for number, code in enumerate(door.stage.codes(3, "shop")):
        door.say(code, id=f"code-{number}")
    told = door.say("gifts", id="2").json
    (gifts,) = told["choices"]
    assert [(one["says"], one["label"]) for one in gifts] == [("1", "A mug"), ("2", "A hat")]
    (news,) = (
        one for one in door.news("anna:0").json["phones"]["demo"]["anna"] if one["sequence"] == told["sequence"][0]
    )
    assert news["choices"] == gifts
    tap = {"text": "2", "question": gifts[1]["question"]}
    asked = _tap(door, id="3", **tap).json
    assert asked["texts"][0].startswith("gifts.confirm")
    assert _tap(door, id="4", **tap).json["texts"] == ["question.closed word=GIFTS"]
    (yes, _) = asked["choices"][0]
    assert _tap(door, id="5", text=yes["says"], question=yes["question"]).json["texts"][0].startswith("gifts.bought")


def test_lines_that_are_no_choices_come_without_any(door: Door) -> None:
    door.stage.publish(RELAY.replace("[test, second]", "[playground]"))
    door.say("torch", id="1")
    assert [one["says"] for one in door.say("help", id="2").json["choices"][0]] == ["invite", "torch", "board", "rules"]
    assert door.say("board", id="3").json["choices"] == [[]]


@pytest.mark.reading
@pytest.mark.parametrize("question", ["7", True, 1.5, -1, 2**24, [7]], ids=str)
def test_a_question_that_cannot_be_one_is_refused(door: Door, question: object) -> None:
    refused = _tap(door, text="1", question=question)
    assert (refused.status_code, refused.json["error"]) == (
        400,
        "question: send the number that came with the choice, or leave it out",
    )


def test_two_phones_are_two_people(door: Door) -> None:
    (code,) = door.stage.codes(1)
    assert door.say(code).json["texts"] == ["redeem.points balance=10 points=10"]
    assert door.say(code, phone="bob").json["texts"] == ["redeem.used"]


def test_an_id_with_another_text_is_refused(door: Door) -> None:
    door.say("help")
    answer = door.say("points")
    assert answer.status_code == 409
    assert answer.json == {"error": "id: it was used before with another text; take a new one"}


HOSTILE = {
    "nothing": "",
    "NUL": "\x00",
    "NUL inside": "a\x00b",
    "lone surrogate": "\ud800",
    "surrogates turned around": "\udfff\ud800",
    "emoji": "😀" * 900,
    "right to left": "\u202e\u200fpoints",
    "many accents": "\u0301" * 500,
    "huge": "中" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_only_a_text(door: Door, text: str) -> None:
    for number, where in enumerate(("text", "id", "phone")):
        sent = {"phone": f"anna{number}", "id": "1", "text": "help", where: text[:128] if where == "phone" else text}
        answer = door.client.post("/playground/say", data=json.dumps(sent), headers=JSON)
        assert answer.status_code == (200 if text or where == "text" else 400)
    assert door.say("points", id="2").json["texts"][0].startswith("points.balance")


def _answering(submit: object) -> Flask:
    guard = Guard(None, b"secret", lambda: datetime(2026, 12, 1, tzinfo=UTC))
    now = datetime(2026, 12, 1, tzinfo=UTC)
    app = Flask("test")
    register_error_handlers(app)
    app.register_blueprint(
        blueprint(Playground(submit, lambda *_: [], list, lambda: now, guard, wait_limit_s=0.01))  # type: ignore[arg-type]
    )
    return app


def _busy(_message: InboundMessage) -> "Future[Answer]":
    raise Busy("too many messages wait")


def _away(_message: InboundMessage) -> "Future[Answer]":
    future: Future[Answer] = Future()
    future.set_exception(Unavailable("the database does not answer"))
    return future


def _broken(_message: InboundMessage) -> "Future[Answer]":
    raise RuntimeError("a secret of ours")


@pytest.mark.parametrize(
    ("submit", "status", "error", "retry_after"),
    [
        (_busy, 429, "too many messages wait; try again", "2"),
        (_away, 503, "no answer yet; send the same id again", "2"),
        (lambda _message: Future(), 503, "no answer yet; send the same id again", "2"),
        (_broken, 500, "something went wrong on our side; send the same id again", None),
    ],
    ids=["queue full", "database away", "turn late", "fault"],
)
def test_what_may_pass_says_so(submit: object, status: int, error: str, retry_after: str | None) -> None:
    answer = _answering(submit).test_client().post("/playground/say", data=_json(), headers=JSON)
    assert (answer.status_code, answer.json) == (status, {"error": error})
    assert answer.headers.get("Retry-After") == retry_after


@pytest.mark.reading
@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/playground/say", 405, "method: this address does not take it"),
        ("POST", "/playground/news", 405, "method: this address does not take it"),
        ("GET", "/playground/nothing", 404, "address: there is nothing here"),
        ("GET", "/nothing", 404, "address: there is nothing here"),
        ("GET", "/playground/page/../receive.py", 404, "address: there is nothing here"),
        ("GET", "/playground/page/index.html", 404, "address: there is nothing here"),
    ],
)
def test_an_unknown_address_is_told_in_json(door: Door, method: str, path: str, status: int, error: str) -> None:
    answer = door.client.open(path, method=method)
    assert (answer.status_code, answer.json) == (status, {"error": error})


def test_health(door: Door) -> None:
    assert door.client.get("/healthz").json == {"alive": True}
    assert door.client.get("/readyz").json == {"ready": True}
    assert door.client.get("/").headers["Location"] == "/playground/"


def test_a_scan_asks_for_a_typed_word_where_the_file_says_so(stage: Stage) -> None:
    rules = RELAY.replace("channels: [test, second]", "channels: [test, playground]")
    stage.publish(rules.replace("  window: 10m", "  window: 10m\n  typed_word: [playground]"))
    door = Door(stage)
    word = begin(stage)
    scanned = {"phone": "bob", "id": "s", "text": word, "typed": False}
    asked = door.client.post("/playground/say", json=scanned, headers=JSON)
    assert asked.json["texts"][0].startswith("relay.type_word")
    assert door.say("1", phone="bob").json["texts"][0].startswith("relay.granted")
    door.engine.close()
