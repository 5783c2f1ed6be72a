"""Logs: ids and places, never a player's words."""

import io
import json
import logging
import sys
import threading

import pytest
import structlog

from core.engine.routes import Route
from core.speech.keywords import Means
from handlers import MECHANICS
from huoju import logs
from tests.engine.test_turn import _Bad, _explode
from tests.stage import CAMPAIGN, Stage

pytestmark = pytest.mark.reading


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]):
    logs.configure("info")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()


def test_a_failed_message_is_logged_without_its_words(stage: Stage, lines) -> None:
    stage.publish(CAMPAIGN)
    stage.routes = (Route("bad", Means(_Bad(), "boom"), _explode), *MECHANICS.routes)
    stage.say("boom", by="+8613800138000", id="bad-1")
    (line,) = [line for line in lines() if line["event"] == "message.failed"]
    assert line["error"] == "Boom"
    assert line["external_id"] == "bad-1"
    assert any("_explode" in place for place in line["places"])
    assert "words" not in json.dumps(line)
    assert "138001" not in json.dumps(line)


def test_an_attack_is_logged(stage: Stage, lines) -> None:
    stage.publish(CAMPAIGN)
    stage.say("one", id="m1")
    assert stage.say("two", id="m1") == "tampered"
    assert [line["event"] for line in lines()] == ["inbox.tampered"]


def test_a_log_that_cannot_be_written_costs_no_answer(stage: Stage, lines, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.publish(CAMPAIGN)
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr("sys.stderr", closed)
    stage.say("one", id="m1")
    assert stage.say("two", id="m1") == "tampered"


def test_a_library_is_heard_without_its_values(lines) -> None:
    token, phone = "123456:AA-token", "+8613800138000"
    bot = logging.getLogger("some.library")
    try:
        raise ValueError(f"https://api.example/bot{token}/getUpdates")
    except ValueError:
        bot.exception("No answer to %s", token)
    logging.getLogger("anybody").warning(f"{phone} is unknown")  # noqa: G004  # libraries do
    logging.getLogger("httpx").info("HTTP Request: %s", token)
    logging.getLogger("urllib3.connectionpool").warning("Retrying %s", token)
    first, second = lines()
    assert (first["event"], first["says"], first["error"]) == ("library", "No answer to %s", "ValueError")
    assert first["place"].startswith("test_logs.py:")
    assert (second["library"], second["level"]) == ("anybody", "warning")
    assert token not in json.dumps([first, second])
    assert phone not in json.dumps([first, second])


def test_an_error_that_ends_a_thread_is_logged_without_its_text(lines, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, hook in ((threading, "excepthook"), (sys, "unraisablehook"), (sys, "excepthook")):
        monkeypatch.setattr(owner, hook, getattr(owner, hook))
    logs.own_process()

    def fail() -> None:
        raise ValueError("+8613800138000")

    thread = threading.Thread(target=fail, name="sms")
    thread.start()
    thread.join()
    (line,) = lines()
    assert (line["event"], line["thread"], line["error"]) == ("thread.failed", "sms", "ValueError")
    assert "138001" not in json.dumps(line)


def test_what_happens_many_times_a_second_is_told_once_in_a_while() -> None:
    now_s = [100.0]
    seldom = logs.Seldom({"turn.unavailable"}, 10, lambda: now_s[0])

    def told(at_s: float, event: str, **more: object) -> object:
        now_s[0] = at_s
        try:
            return seldom(None, "error", {"event": event, **more}).get("left_out", "told")
        except structlog.DropEvent:
            return None

    assert [told(100, "turn.unavailable", error="A"), told(100, "turn.unavailable", error="B")] == ["told", "told"]
    assert [told(at_s, "turn.unavailable", error="A") for at_s in (101, 105, 109.9)] == [None] * 3
    assert [told(110, "turn.unavailable", error="A"), told(121, "turn.unavailable", error="A")] == [3, "told"]
    assert [told(121, "message.failed") for _ in range(3)] == ["told"] * 3
