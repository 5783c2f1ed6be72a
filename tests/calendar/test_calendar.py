"""The calendar: each occurrence once, late after downtime, missed after more; to whom it speaks; nothing twice."""

from datetime import timedelta

import pytest
import structlog
from sqlalchemy import select, update

from core.campaign.publication import change_state
from core.models import CalendarRun, Join, Timer
from handlers.calendar.ticks import run_calendar
from handlers.relay.tables import Torch
from tests.follow_ups.scene import calendar, join, pass_time, runs, say, timers, unasked
from tests.relay.torchbearers import RELAY
from tests.snack import SNACK
from tests.stage import START, Stage
from tests.talking import faults, link_up, play

MORNING = f'name: morning, cron: "0 9 * * *", {say("good")}'
"""At 01:00 UTC; the stage begins at 04:00."""
HOURLY = f'name: hourly, cron: "0 * * * *", {say("hour")}'


def test_everybody_is_told_once_at_each_occurrence(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    for by in ("a", "b"):
        join(stage, by)
    pass_time(stage, hours=21, microseconds=-1)
    assert (runs(stage), unasked(stage, "a")) == ([], [])
    pass_time(stage, microseconds=1)
    assert runs(stage) == [("morning", "12-02 01:00", "done", 2)]
    pass_time(stage, hours=1)
    assert [unasked(stage, by) for by in ("a", "b")] == [["good"]] * 2
    pass_time(stage, hours=23)
    assert [unasked(stage, by) for by in ("a", "b")] == [["good"] * 2] * 2
    assert faults(stage) == []


# id, job, hours without a clock from 04:00 UTC on, what is recorded then
DOWNTIME = [
    ("a minute late", MORNING, 21 + 1 / 60, [("morning", "12-02 01:00", "done", 1)]),
    ("just in time", MORNING, 27, [("morning", "12-02 01:00", "done", 1)]),
    ("too late", MORNING, 27.1, [("morning", "12-02 01:00", "missed", 0)]),
    ("later than the file allows", f"{MORNING}, late: 10m", 21.2, [("morning", "12-02 01:00", "missed", 0)]),
    (
        "two days",
        MORNING,
        21 + 48,
        [
            ("morning", "12-02 01:00", "missed", 0),
            ("morning", "12-03 01:00", "missed", 0),
            ("morning", "12-04 01:00", "done", 1),
        ],
    ),
    (
        "several of a day: the newest is said",
        HOURLY,
        3.5,
        [
            ("hourly", "12-01 05:00", "missed", 0),
            ("hourly", "12-01 06:00", "missed", 0),
            ("hourly", "12-01 07:00", "done", 1),
        ],
    ),
]


@pytest.mark.parametrize(("name", "job", "hours", "recorded"), DOWNTIME, ids=[row[0] for row in DOWNTIME])
def test_downtime(stage: Stage, name: str, job: str, hours: float, recorded: list[tuple[str, str, str, int]]) -> None:
    stage.publish(calendar(job))
    join(stage)
    pass_time(stage, hours=hours)
    assert runs(stage) == recorded
    assert len(unasked(stage)) == sum(planted for *_, planted in recorded)
    pass_time(stage)
    assert runs(stage) == recorded
    assert faults(stage) == []


def test_a_year_without_a_clock_records_the_latest_and_walks_over_none(stage: Stage) -> None:
    stage.publish(calendar(HOURLY).replace("90 days after", "900 days after"))
    join(stage)
    pass_time(stage, days=365)
    assert [state for _, _, state, _ in runs(stage)] == ["missed"] * 29 + ["done"]


def test_what_was_missed_is_logged(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    with structlog.testing.capture_logs() as logs:
        pass_time(stage, hours=30)
    assert [(log["event"], log["job"], log["log_level"]) for log in logs] == [("calendar.missed", "morning", "warning")]


def test_a_clock_that_jumps_back_runs_nothing_twice(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    join(stage)
    pass_time(stage, hours=21)
    pass_time(stage, days=-1)
    for _ in range(24):
        pass_time(stage, hours=1)
    assert (unasked(stage), len(runs(stage))) == (["good"], 1)
    pass_time(stage, days=1)
    assert unasked(stage) == ["good"] * 2


def test_a_clock_that_jumps_forward_has_been_away(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    join(stage)
    pass_time(stage, days=1)
    pass_time(stage, days=-1)
    for _ in range(30):
        pass_time(stage, hours=1)
    assert (unasked(stage), len(runs(stage))) == (["good"], 1)


def test_nothing_comes_before_the_version_that_has_the_job(stage: Stage) -> None:
    stage.publish(calendar(HOURLY))
    join(stage)
    pass_time(stage, hours=21, minutes=30)
    stage.publish(calendar(HOURLY, MORNING))
    pass_time(stage, minutes=10)
    assert [job for job, *_ in runs(stage) if job == "morning"] == []
    stage.publish(calendar(MORNING, HOURLY, limits="per_day: 100"))  # the same job goes on
    pass_time(stage, hours=24)
    assert [run for run in runs(stage) if run[0] == "morning"] == [("morning", "12-03 01:00", "done", 1)]


def test_another_version_meanwhile_loses_no_occurrence(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    join(stage)
    stage.wait(hours=22)
    stage.publish(calendar(MORNING, HOURLY))
    pass_time(stage)
    assert [run for run in runs(stage) if run[0] == "morning"] == [("morning", "12-02 01:00", "done", 1)]


def test_never_outside_the_window(stage: Stage) -> None:
    stage.publish(SNACK)
    join(stage)
    window = calendar(MORNING).replace("at publication", "2026-12-03 09:00 Asia/Shanghai").replace("90 days", "2 days")
    stage.publish(window)
    for _ in range(24 * 6):
        stage.wait(hours=1)
        stage.turn_page()
    assert [at for _, at, *_ in runs(stage)] == ["12-03 01:00", "12-04 01:00"]


def test_a_pause_is_no_time_for_announcements(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    join(stage)
    with stage.sessions.begin() as session:
        change_state(session, "snack", "pause")
    pass_time(stage, hours=22)
    assert (runs(stage), unasked(stage)) == ([], [])
    with stage.sessions.begin() as session:
        change_state(session, "snack", "resume")
    pass_time(stage)
    assert unasked(stage) == ["good"]
    with stage.sessions.begin() as session:
        change_state(session, "snack", "end")
    pass_time(stage, days=3)
    assert unasked(stage) == ["good"]


def test_quiet_hours_and_limits_hold_until_the_next_one_takes_its_place(stage: Stage) -> None:
    stage.publish(calendar(MORNING, limits='quiet: "22:00-08:00", per_week: 2'))
    for by in ("u1", "+491701234567"):
        join(stage, by)
    pass_time(stage, hours=21)
    assert (unasked(stage), unasked(stage, "+491701234567")) == (["good"], [])  # it is two at night in Berlin
    pass_time(stage, hours=6)
    assert unasked(stage, "+491701234567") == ["good"]
    told = []
    for day in range(2, 12):
        stage.now = START + timedelta(days=day, hours=-3)  # nine o'clock, and what waits for its end, or for the limit
        pass_time(stage)
        told += [day] * (len(unasked(stage)) - 1 - len(told))
    assert told == [2, 8, 9]  # the third one waits, and the fourth takes its place; a week later there is room for two
    assert set(timers(stage)) <= {"fired", "dropped", "due"}


def test_a_killed_clock_is_gone_on_from_where_it_stopped(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    names = [f"p{number:02}" for number in range(11)]
    for by in names:
        join(stage, by)
    stage.wait(hours=21)
    runtime, calls = stage.runtime, []

    class Killed(Exception): ...

    def sessions_begin(*told, **named):
        calls.append(1)
        if len(calls) == 4:  # the claim, two chunks, and then the power is cut
            raise Killed
        return begin(*told, **named)

    begin, runtime.sessions.begin = runtime.sessions.begin, sessions_begin
    with pytest.raises(Killed):
        run_calendar(runtime, stage.now, chunk=4)
    runtime.sessions.begin = begin
    assert runs(stage) == [("morning", "12-02 01:00", "planting", 8)]
    assert run_calendar(stage.runtime, stage.now, chunk=4) == 3
    assert runs(stage) == [("morning", "12-02 01:00", "done", 11)]
    stage.tick()
    assert [unasked(stage, by) for by in names] == [["good"]] * 11
    assert faults(stage) == []


def test_whoever_joins_later_and_whoever_was_linked_hears_it_once(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    join(stage)
    join(stage, channel="second")
    stage.wait(hours=21)
    stage.turn_page()
    stage.wait(seconds=1)
    join(stage, "late")
    link_up(stage, ("u1", "test"), ("u1", "second"))
    stage.turn_page()
    stage.tick()
    assert unasked(stage) + unasked(stage, channel="second") == ["good"]
    assert unasked(stage, "late") == []


def test_one_person_is_planted_for_once(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    join(stage)
    join(stage, channel="second")
    link_up(stage, ("u1", "test"), ("u1", "second"))
    pass_time(stage, hours=21)
    assert runs(stage) == [("morning", "12-02 01:00", "done", 1)]


def test_an_announcement_that_is_late_is_not_for_whoever_joined_after_it(stage: Stage) -> None:
    """The clock was away at nine, and comes back some minutes later."""
    stage.publish(calendar(MORNING))
    stage.wait(hours=21)
    join(stage, "in time")  # at nine sharp
    stage.wait(microseconds=1)
    join(stage, "after it")
    pass_time(stage, minutes=5)
    assert runs(stage) == [("morning", "12-02 01:00", "done", 1)]
    assert [unasked(stage, by) for by in ("in time", "after it")] == [["good"], []]


def test_a_job_that_is_no_more_plants_and_says_nothing(stage: Stage) -> None:
    stage.publish(calendar(MORNING, HOURLY))
    join(stage)
    stage.wait(hours=21)
    stage.turn_page()
    stage.publish(calendar(HOURLY))
    stage.tick()
    assert unasked(stage) == ["hour"]


def test_an_announcement_that_nobody_could_fire_grows_stale(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    join(stage)
    stage.wait(hours=21)
    stage.turn_page()
    stage.wait(hours=6, microseconds=1)
    stage.tick()
    assert (unasked(stage), timers(stage)) == ([], ["dropped"])


def test_never_redeemed(stage: Stage) -> None:
    stage.publish(calendar(f"{MORNING}, to: never redeemed"))
    for by in ("a", "b", "c"):
        join(stage, by)
    play(stage, "a")
    stage.wait(hours=21)
    assert stage.turn_page() == 2
    play(stage, "b")
    stage.tick()
    assert [unasked(stage, by) for by in ("a", "b", "c")] == [[], [], ["good"]]


# id, state of the torch when the timers are planted, seconds until it goes out, what its player hears
TORCHES = [
    ("ambassadors", "out", -10, ["good"]),
    ("unlit", "unlit", 10, ["good"]),
    ("unlit", "unlit", 0, []),
    ("unlit", "out", -10, []),
    ("lit", "lit", 10, ["good"]),
    ("lit", "unlit", 10, []),
]


@pytest.mark.parametrize(("to", "state", "left_s", "told"), TORCHES, ids=[f"{row[0]} {row[1]}" for row in TORCHES])
def test_torches(stage: Stage, to: str, state: str, left_s: int, told: list[str]) -> None:
    job = f'name: morning, cron: "0 9 * * *", to: {to}, {say("good")}'
    stage.publish(calendar(job, base=RELAY))
    for by in ("a", "b"):
        assert stage.say("torch", by=by)
    holder = _player(stage, "a")
    with stage.sessions.begin() as session:
        session.execute(update(Timer).values(state="dropped"))
        session.execute(Torch.__table__.delete())
        lit = {"lit_at": START, "lit_by": 5} if state == "lit" else {}
        ends_at = START + timedelta(hours=21, seconds=left_s)
        session.add(_torch(holder, state, ends_at, **lit))
    stage.wait(hours=21)
    stage.turn_page()
    stage.tick()
    assert (unasked(stage, "a"), unasked(stage, "b")) == (told, [])


def _player(stage: Stage, by: str) -> int:
    with stage.sessions() as session:
        found = session.scalar(select(Join.player_id).where(Join.address_key == stage.key(by)))
    assert found is not None
    return found


def _torch(player_id: int, state: str, ends_at, **lit) -> Torch:
    return Torch(
        player_id=player_id,
        number=1,
        campaign_id=1,
        how="code",
        chain_id=player_id,
        leg=1,
        granted_at=START - timedelta(hours=1),
        ends_at=ends_at,
        state=state,
        **lit,
    )


def test_a_run_that_was_claimed_by_another_clock_is_left_alone(stage: Stage) -> None:
    stage.publish(calendar(MORNING))
    join(stage)
    stage.wait(hours=21)
    with stage.sessions.begin() as session:
        at = stage.now
        session.add(CalendarRun(campaign_id=1, job="morning", scheduled_at=at, state="done", after_id=0, planted=0))
    assert stage.turn_page() == 0
    assert len(runs(stage)) == 1
