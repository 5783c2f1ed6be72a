"""Jobs: what lasts is answered at once, done once whoever dies, told of, and stopped when somebody says so."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from core.models import Outbox, Player, Transfer
from core.operators import Role
from handlers.operators.jobs import LEASE, MOST_TRIES, JobWatch, carry_out, take
from handlers.operators.tables import Job, LogEntry
from tests.beginnings import begin
from tests.stage import CAMPAIGN, Stage
from tests.talking import faults

EXPIRING = CAMPAIGN + "points: {expire: 30 days}\n"


def let_points_run_out(stage: Stage) -> None:
    """Three players with points that are over, and an owner who reads English."""
    stage.publish(EXPIRING)
    for by, code in zip(("anna", "bob", "cleo"), stage.codes(3), strict=True):
        stage.say(code, by=by)
    stage.appoint(Role.OWNER)
    stage.say("english", by="boss")
    stage.wait(days=31)


@pytest.fixture
def office(stage: Stage) -> Stage:
    return begin(stage, let_points_run_out)


def job(stage: Stage, number: int = 1) -> Job:
    with stage.sessions() as session:
        return session.get_one(Job, number)


def expired(stage: Stage) -> int:
    with stage.sessions() as session:
        return session.scalar(select(func.count()).select_from(Transfer).where(Transfer.reason == "expired")) or 0


def notices(stage: Stage) -> int:
    with stage.sessions() as session:
        mine = Outbox.ref.startswith("notice:job:")
        return session.scalar(select(func.count()).select_from(Outbox).where(mine)) or 0


def beat_stands_still(stage: Stage) -> JobWatch:
    """What a process has seen that looked a whole lease ago, and looks now."""
    now_s = [0.0]
    watch = JobWatch(running_s=lambda: now_s[0])
    assert take(stage.runtime, watch, stage.now) is None, "somebody seemed to be at work"
    now_s[0] += LEASE.total_seconds()
    return watch


def test_what_lasts_is_answered_at_once_done_by_a_worker_and_told(office: Stage) -> None:
    assert office.command("/points expire", by="boss") == "Job 1 has begun; /job 1 tells how far it is."
    assert (job(office).state, expired(office)) == ("queued", 0)
    assert "queued" in office.command("/job 1", by="boss")
    assert office.work() == 1
    assert (job(office).state, expired(office)) == ("done", 3)
    told = office.told("boss")[-1]
    assert told == "Job 1 is done: /points expire\n\nLooked after 3 players whose points were due."
    assert "Looked after 3 players" in office.command("/job 1", by="boss")
    assert office.work() == 0
    assert not faults(office)


def test_the_end_of_a_job_is_in_the_log_of_operators(office: Stage) -> None:
    office.command("/points expire", by="boss")
    office.work()
    with office.sessions() as session:
        found = session.execute(select(LogEntry.verb, LogEntry.ending, LogEntry.operator).order_by(LogEntry.number))
        assert found.all() == [("points expire", "done", "Li Na"), ("points expire", "done", "Li Na")]
    assert "job 1: running → done" in office.command("/log", by="boss")


def test_a_message_that_comes_again_begins_no_second_job(office: Stage) -> None:
    said = office.delivery("/points expire", by="boss")
    assert office.dealt(said) == office.dealt(said)
    assert office.work() == 1


def test_a_plan_shows_what_lasts_and_does_not_begin_it(office: Stage) -> None:
    assert "Plan" in office.command("/points expire?", by="boss")
    assert office.work() == 0
    assert not faults(office)


def test_a_job_that_nobody_is_at_work_on_any_more_is_taken_again(office: Stage) -> None:
    office.command("/points expire", by="boss")
    lost = take(office.runtime, JobWatch(), office.now)
    assert lost is not None
    watch = beat_stands_still(office)
    assert office.work(watch) == 1
    assert (job(office).state, job(office).begun, expired(office), notices(office)) == ("done", 2, 3, 1)
    assert not faults(office)


def test_a_job_whose_worker_beats_is_left_to_it(office: Stage) -> None:
    office.command("/points expire", by="boss")
    assert take(office.runtime, JobWatch(), office.now) is not None
    watch = beat_stands_still(office)
    with office.sessions.begin() as session:
        session.execute(update(Job).values(beats=Job.beats + 1))
    assert take(office.runtime, watch, office.now) is None


def test_a_worker_that_was_thought_dead_ends_nothing(office: Stage) -> None:
    office.command("/points expire", by="boss")
    slow = take(office.runtime, JobWatch(), office.now)
    assert slow is not None
    assert office.work(beat_stands_still(office)) == 1
    carry_out(office.runtime, slow, lambda: office.now)
    assert (job(office).state, notices(office)) == ("done", 1)
    assert not faults(office)


def test_a_job_that_never_comes_to_an_end_is_given_up(office: Stage) -> None:
    office.command("/points expire", by="boss")
    for _ in range(MOST_TRIES):
        assert take(office.runtime, JobWatch(), office.now) is not None
        with office.sessions.begin() as session:
            session.execute(update(Job).values(state="queued", worker=None))
    office.work()
    assert (job(office).state, expired(office)) == ("failed", 0)
    assert "never came to an end" in office.told("boss")[-1]
    assert not faults(office)


def test_a_job_that_waits_is_stopped_at_once(office: Stage) -> None:
    office.command("/points expire", by="boss")
    assert office.command("/job stop 1", by="boss") == "Job 1 is stopped."
    assert office.work() == 0
    assert "is stopped already" in office.command("/job stop 1", by="boss")
    assert expired(office) == 0
    assert not faults(office)


def test_a_job_at_work_is_stopped_at_its_next_step(office: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.points.verbs.EXPIRY_CHUNK", 1)
    office.command("/points expire", by="boss")
    taken = take(office.runtime, JobWatch(), office.now)
    assert taken is not None
    assert "stops at its next step" in office.command("/job stop 1", by="boss")
    carry_out(office.runtime, taken, lambda: office.now, running_s=_each_time_later())
    assert (job(office).state, expired(office)) == ("stopped", 1)
    assert office.told("boss")[-1] == "Job 1 was stopped: /points expire"
    assert not faults(office)


def _each_time_later() -> Callable[[], float]:
    times = iter(range(10**6))
    return lambda: float(next(times))


def test_a_process_that_ends_puts_its_job_down(office: Stage) -> None:
    office.command("/points expire", by="boss")
    taken, stopping = take(office.runtime, JobWatch(), office.now), threading.Event()
    stopping.set()
    assert taken is not None
    carry_out(office.runtime, taken, lambda: office.now, stopping)
    assert (job(office).state, notices(office)) == ("queued", 0)
    assert office.work() == 1
    assert (job(office).state, notices(office), expired(office)) == ("done", 1, 3)


def test_a_fault_of_ours_ends_a_job_and_one_of_the_world_does_not(
    office: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.command("/points expire", by="boss")
    taken = take(office.runtime, JobWatch(), office.now)
    assert taken is not None

    def away(*_: Any) -> int:
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr("handlers.points.verbs.expire_due", away)
    with pytest.raises(OperationalError):
        carry_out(office.runtime, taken, lambda: office.now)
    assert job(office).state == "running"

    def wrong(*_: Any) -> int:
        raise KeyError("anna")

    monkeypatch.setattr("handlers.points.verbs.expire_due", wrong)
    carry_out(office.runtime, taken, lambda: office.now)
    assert job(office).state == "failed"
    assert office.told("boss")[-1].endswith("by a fault of ours; the log of the server has it")


def test_a_role_that_was_taken_away_ends_its_jobs(office: Stage) -> None:
    office.appoint(Role.OWNER, by="second", name="Wang Wu")
    office.command("/points expire", by="boss")
    office.command("/operator remove test/main/boss", by="second")
    office.work()
    assert (job(office).state, expired(office), notices(office)) == ("refused", 0, 0)
    assert not faults(office)


def test_jobs_are_seen_and_stopped_by_their_operator_and_by_an_owner(office: Stage) -> None:
    office.appoint(Role.OPERATOR, by="wang", name="Wang Wu")
    office.appoint(Role.AUDITOR, by="eve", name="Eve")
    office.say("english", by="eve")
    office.command("/points expire", by="wang")
    assert "points expire" in office.command("/job", by="wang")
    assert office.command("/job", by="eve") == "You have no jobs."
    assert "there is no job 1 of yours" in office.command("/job 1", by="eve")
    assert "there is no job 1 of yours" in office.command("/job stop 1", by="eve")
    assert office.command("/job stop 1", by="boss") == "Job 1 is stopped."


def test_an_operator_has_ten_jobs_at_most(office: Stage) -> None:
    for _ in range(10):
        office.command("/points expire", by="boss")
    assert "10 jobs of yours are not done yet" in office.command("/points expire", by="boss")
    assert office.work() == 10
    assert not faults(office)


def test_a_report_that_lasts_is_a_job_too(office: Stage) -> None:
    office.command("/draws verify snack", by="boss")
    office.work()
    assert "every draw of snack follows from it" in office.told("boss")[-1]
    with office.sessions() as session:
        assert session.scalar(select(func.count()).select_from(Player))
