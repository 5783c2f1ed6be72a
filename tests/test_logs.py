"""Logs: ids and places, never a player's words."""

import io
import json

import pytest
import structlog

from core.engine.routes import Route
from handlers.routes import ROUTES
from handlers.words import means
from huoju import logs
from tests.stage import CAMPAIGN, Stage
from tests.test_turn import _Bad, _explode


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]):
    logs.configure("info")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()


def test_a_failed_message_is_logged_without_its_words(stage: Stage, lines) -> None:
    stage.publish(CAMPAIGN)
    stage.routes = (Route("bad", means(_Bad(), "boom"), _explode), *ROUTES)
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
