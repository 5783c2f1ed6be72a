"""What the sender logs of each outcome: ids and codes, never whom it wrote to, or what."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from sqlalchemy.exc import DBAPIError

from core.keys import Keyring
from core.randomness import SeededRandomness
from core.sending.leases import LEASE
from core.sending.outbound import OutboundMessage, Outcome, Refused, TryAgain, Unknown
from handlers import MECHANICS
from huoju import logs
from tests.sending.rig import ANSWER, MARKETING, NOTICE, Desk, queue, states
from tests.stage import Stage
from tests.watching import Watch, plant, watched

PHONE = "+8613800138000"
SAID = MECHANICS.texts()["en"]["inbox.failed"]


def _breaks(message: OutboundMessage) -> Outcome:
    raise ValueError(f"{message.user}: {message.text}")  # as libraries do


# id, what the platform says, the event that is logged
OUTCOMES: list[tuple[str, Callable[[OutboundMessage], Outcome], str]] = [
    ("wait", lambda _m: TryAgain("flooded", timedelta(seconds=1)), "dispatch.not_delivered"),
    ("refused", lambda _m: Refused("bad_request"), "dispatch.not_delivered"),
    ("gone", lambda _m: Refused("blocked", unreachable=True), "dispatch.not_delivered"),
    ("unknown", lambda _m: Unknown("timed_out"), "dispatch.not_delivered"),
    ("broken", _breaks, "send.failed"),
]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]):
    """The lines of a process that logs as much as it can."""
    logs.configure("debug")
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()


@pytest.mark.parametrize(("name", "says", "event"), OUTCOMES, ids=[row[0] for row in OUTCOMES])
def test_an_outcome_is_logged_by_ids(
    desk: Desk, lines: Callable[[], list[dict[str, object]]], name: str, says: Callable, event: str
) -> None:
    queue(desk.stage, PHONE, ANSWER, NOTICE, MARKETING)
    desk.platform.says = says
    desk.rounds()
    said = lines()
    assert event in {line["event"] for line in said}
    assert [line for line in said if PHONE[1:] in json.dumps(line) or SAID in json.dumps(line)] == []


def test_neither_a_lost_sender_nor_a_lost_key_nor_a_lost_database_tells_more(
    desk: Desk, lines: Callable[[], list[dict[str, object]]]
) -> None:
    stage = desk.stage
    queue(stage, PHONE, NOTICE)
    desk.lose()
    for _ in range(3):
        desk.wait(seconds=LEASE.total_seconds())
        desk.account.take()
    desk.wait(hours=1)
    other = Keyring(b"p" * 32, b"i" * 32, {2: b"o" * 32}, SeededRandomness("other"))
    desk.account._needs = replace(desk.needs, keys=other)
    assert desk.rounds()
    with stage.sessions.begin() as session, pytest.raises(DBAPIError) as raised:
        session.connection().exec_driver_sql(f"SELECT '{PHONE}' FROM nowhere")
    structlog.get_logger().error("sender.failed", exc_info=raised.value)
    said = lines()
    assert {"dispatch.sender_lost", "dispatch.not_delivered", "sender.failed"} <= {line["event"] for line in said}
    assert [line for line in said if PHONE[1:] in json.dumps(line) or SAID in json.dumps(line)] == []
    assert states(stage) == ["due"]


def test_the_watch_sees_what_every_other_test_relies_on(stage: Stage) -> None:
    stage.publish()
    (code,) = stage.codes(1)
    wrongs = [f"to {PHONE}", "8613800138000", code, "a word of a player"]
    with watched() as watch:
        assert isinstance(watch, Watch)
        plant(code, "a word of a player")
        for wrong in wrongs:
            structlog.get_logger().debug("event", told=wrong)
        structlog.get_logger().info("event", dispatch=stage.key("u1").hex(), number=1764561600000)
        assert len(watch.leaks()) == len(wrongs)
