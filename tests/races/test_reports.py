"""Reports and kill -9: a clock that is killed with one in hand has told nothing, and the next one tells it."""

import multiprocessing
import os
import signal
from datetime import datetime, timedelta

from core.models import Outbox
from core.operators import Role
from handlers.operators import reports
from handlers.operators.reports import send_reports
from handlers.operators.tables import ReportDay
from tests.races.crowd import PATIENCE_S, count, faults, own_world
from tests.races.shop import url_of
from tests.stage import Stage


def _send_and_be_killed(url: str, at: datetime) -> None:
    say = reports._say

    def dies(*given: object) -> None:
        say(*given)  # type: ignore[arg-type]  # as they were given
        os.kill(os.getpid(), signal.SIGKILL)

    reports._say = dies  # type: ignore[assignment]  # in a process of its own, which ends here
    with own_world(url, "killed") as runtime:
        send_reports(runtime, at)


def test_a_clock_that_is_killed_leaves_its_report_to_the_next_one(stage: Stage) -> None:
    stage.publish()
    stage.appoint(Role.AUDITOR)
    stage.command("/report on", by="boss")
    stage.now += timedelta(hours=20, minutes=30)
    url = url_of(stage)
    child = multiprocessing.get_context("spawn").Process(target=_send_and_be_killed, args=(url, stage.now), daemon=True)
    child.start()
    child.join(PATIENCE_S)
    assert child.exitcode == -signal.SIGKILL
    assert count(stage, ReportDay) == 0
    assert [send_reports(stage.runtime, stage.now) for _ in range(2)] == [1, 0]
    assert count(stage, ReportDay) == count(stage, Outbox, Outbox.ref.startswith(reports.REPORT)) == 1
    assert faults(stage) == []
