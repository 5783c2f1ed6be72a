"""Troubles as they are, not made up (a full disk, a server that takes nothing): a turn, a timer and a send wait."""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from structlog.testing import capture_logs

from core.blame import Unavailable
from core.engine.failures import take_turn_safely
from core.models import Inbox, Timer
from core.sending.delivery_reports import DeliveryReport, DeliveryStatus, take_reports_safely
from core.sending.outbound import Delivered
from handlers.codes.tables import Redemption
from tests.engine.test_timers import _buyers
from tests.faulty import TROUBLES, in_trouble
from tests.sending.rig import NOTICE, Desk, Platform, queue_all, sent, states
from tests.stage import Stage
from tests.talking import faults

MANY = 24
"""More than finds room in what is left of pages that are begun."""
TROUBLED = [(database, name) for database, known in TROUBLES.items() for name in known]
each_trouble = pytest.mark.parametrize(("database_url", "name"), TROUBLED, indirect=["database_url"])


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    with capture_logs() as lines:
        yield lines


@each_trouble
def test_a_turn_is_taken_once_it_can_be(stage: Stage, name: str) -> None:
    stage.publish()
    turns = [[stage.delivery(code, by=code) for code in stage.codes(12)] for _ in range(MANY // 6)]
    with in_trouble(stage.database, name):
        first = [take_turn_safely(stage.runtime, turn, lambda _seconds: None) for turn in turns]
    assert isinstance(first[-1][0], Unavailable)
    again = [take_turn_safely(stage.runtime, turn, lambda _seconds: None) for turn in turns]
    assert {text for turn in again for each in turn for text in each.texts} == {"redeem.points balance=10 points=10"}
    with stage.sessions() as session:
        assert session.execute(select(Inbox.state, func.count()).group_by(Inbox.state)).all() == [("done", 2 * MANY)]
        assert session.scalar(select(func.count()).select_from(Redemption)) == 2 * MANY
    assert faults(stage) == []


@each_trouble
def test_timers_fire_once_they_can(stage: Stage, name: str) -> None:
    _buyers(stage, MANY)
    stage.wait(days=8)
    with in_trouble(stage.database, name), pytest.raises(SQLAlchemyError):
        stage.tick()
    stage.tick()
    with stage.sessions() as session:
        reminders = select(Timer.state).where(Timer.kind == "claim.remind")
        assert session.scalars(reminders).all() == ["fired"] * MANY
    assert all(sum("claim.reminder" in text for text in stage.told(f"p{n}")) == 1 for n in range(MANY))
    assert faults(stage) == []


@each_trouble
def test_texts_go_and_are_settled_once_they_can_be(stage: Stage, name: str) -> None:
    desk = Desk(stage, Platform())
    desk.platform.says = lambda message: Delivered((f"{message.user}-{'x' * 100}",))
    queue_all(stage, [f"u{number}" for number in range(2 * MANY)], NOTICE)
    desk.account.take()  # some are on their way, and the others wait
    with in_trouble(stage.database, name):
        for act in (lambda: desk.account.settle(10), desk.account.take):
            with suppress(SQLAlchemyError):
                act()
    for _ in range(3):
        desk.rounds()
        desk.wait(seconds=61)
    assert (sent(stage), states(stage)) == (2 * MANY, [])
    assert Counter(desk.platform.heard()).most_common(1)[0][1] == 1
    names = [f"u{number}-{'x' * 100}" for number in range(MANY)]
    receipts = [
        DeliveryReport("test", "main", DeliveryStatus.FAILED, (name,), None, "UNDELIV", unreachable=True)
        for name in names
    ]
    strays = [DeliveryReport("test", "main", DeliveryStatus.DELIVERED, (f"stray-{name}",)) for name in names]
    with in_trouble(stage.database, name), pytest.raises(Unavailable):
        take_reports_safely(stage.sessions, [*receipts, *strays], stage.now)
    take_reports_safely(stage.sessions, [*receipts, *strays], stage.now)
    assert (sent(stage), states(stage)) == (MANY, ["dead"] * MANY)
    assert faults(stage) == []
