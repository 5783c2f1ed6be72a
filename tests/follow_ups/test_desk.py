"""`huoju timers`: what is due, late and failed by kind, and what the calendar holds; and a clock that was turned."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import structlog
from sqlalchemy import update

from core.models import Timer
from core.times import system_clock
from scheduler.clock import JumpWatch, ticks
from tests.follow_ups.scene import campaign, join, say, unasked
from tests.office import sit_down
from tests.stage import START, Stage

RULES = f"""
follow_ups:
  - {{name: come-back, when: 20h after first contact, {say("come")}}}
calendar:
  - {{name: morning, cron: "0 9 * * *", {say("good")}}}
  - {{name: hourly, cron: "0 * * * *", {say("hour")}}}
"""


def test_the_desk_shows_timers_by_kind_and_the_calendar(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = sit_down(stage, database_url, monkeypatch, capsys)
    stage.now = now = system_clock()
    stage.publish(campaign(RULES))
    assert "no clock" not in office("timers")
    join(stage)
    stage.wait(hours=30)
    evening = 20 - stage.now.astimezone(ZoneInfo("Asia/Shanghai")).hour  # the morning was missed long ago by then
    stage.wait(hours=evening % 24)
    stage.turn_page()
    with stage.sessions.begin() as session:
        late = update(Timer).where(Timer.kind == "follow-up")
        session.execute(late.values(due_at=now - timedelta(hours=2, seconds=1)))
    shown = office("timers")
    rows = {tuple(line.split()[:2]) for line in shown.splitlines() if line.strip()}
    assert {("follow-up", "0"), ("announce", "1"), ("snack", "morning"), ("snack", "hourly")} <= rows
    (line,) = [line for line in shown.splitlines() if line.startswith("follow-up")]
    assert line.split()[1:5] == ["0", "1", "1", "0"]
    assert line.split()[5].startswith("2:00:")
    assert "Last runs of the calendar:" in shown
    missed = shown.split("Missed, because no clock was running in time:")[1]
    assert sum(line.startswith("snack") for line in missed.splitlines()) == 10


def test_the_installations_ticks_follow_up_and_turn_the_page(stage: Stage) -> None:
    stage.publish(campaign(RULES))
    join(stage)
    stage.wait(hours=21)
    acts = {tick.name: tick.act for tick in ticks(stage.runtime, lambda: stage.now)}
    assert acts["calendar"]() == 2
    assert acts["fire_timers"]() == 3
    assert sorted(unasked(stage)) == ["come", "good", "hour"]


@pytest.mark.parametrize("turned_s", [0, 4, -4, 6, -86_400, 86_400])
def test_a_clock_that_is_turned_is_noticed(turned_s: int) -> None:
    wall, counted = [START], [100.0]
    watch = JumpWatch(lambda: wall[0], lambda: counted[0])
    wall[0] += timedelta(seconds=10 + turned_s)
    counted[0] += 10
    with structlog.testing.capture_logs() as logs:
        assert watch() == timedelta(seconds=turned_s)
        assert watch() == timedelta()
    expected = [("clock.jumped", turned_s)] if abs(turned_s) > 5 else []
    assert [(log["event"], log["by_s"]) for log in logs] == expected
