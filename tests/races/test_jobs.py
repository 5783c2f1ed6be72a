"""Jobs and kill -9: a job whose worker is killed ends as if nothing had happened, and two workers do none twice."""

import os
import signal
from datetime import datetime
from multiprocessing.connection import Connection

from sqlalchemy import func, select

from core.engine.runtime import Runtime
from core.models import Outbox, Transfer
from core.operators import Role
from handlers.operators.jobs import LEASE, JobWatch, carry_out, take
from handlers.operators.tables import Job
from handlers.points import verbs as points
from tests.forks import forks
from tests.races.crowd import PATIENCE_S, Crowd, Part, count, faults, own_world
from tests.races.shop import url_of
from tests.stage import CAMPAIGN, Stage

PLAYERS = 12
EXPIRING = CAMPAIGN + "points: {expire: 30 days}\n"


def _office(stage: Stage) -> None:
    stage.publish(EXPIRING)
    for number, code in enumerate(stage.codes(PLAYERS)):
        stage.say(code, by=f"p{number}")
    stage.appoint(Role.OWNER)
    stage.wait(days=31)
    stage.command("/points expire", by="boss")


def _expired(stage: Stage) -> int:
    return count(stage, Transfer, Transfer.reason == "expired")


def _work_until_killed(url: str, name: str, at: datetime, told: Connection) -> None:
    points.EXPIRY_CHUNK = 1
    with own_world(url, name) as runtime:
        taken = take(runtime, JobWatch(), at)
        assert taken is not None
        times = iter(range(10**6))

        def tell_each_step() -> float:
            told.send("a step is done")
            told.recv()
            return float(next(times))

        carry_out(runtime, taken, lambda: at, running_s=tell_each_step)
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_job_whose_worker_was_killed_goes_on_and_tells_once(stage: Stage) -> None:
    _office(stage)
    processes = forks()
    ours, theirs = processes.Pipe()
    url = stage.database.url.render_as_string(hide_password=False)
    child = processes.Process(target=_work_until_killed, args=(url, "killed", stage.now, theirs), daemon=True)
    child.start()
    theirs.close()
    with ours:
        for _ in range(5):
            assert ours.poll(PATIENCE_S)
            ours.recv()
            ours.send("go on")
        child.kill()
    child.join(PATIENCE_S)
    assert child.exitcode == -signal.SIGKILL
    assert 0 < _expired(stage) < PLAYERS, "killed too early or too late to prove anything"
    now_s = [0.0]
    watch = JobWatch(running_s=lambda: now_s[0])
    assert stage.work(watch) == 0
    now_s[0] += LEASE.total_seconds()
    assert stage.work(watch) == 1
    assert _expired(stage) == PLAYERS
    assert count(stage, Job, Job.state == "done") == count(stage, Outbox, Outbox.ref == "notice:job:1") == 1
    assert faults(stage) == []


def _work(runtime: Runtime, at: datetime) -> int:
    done = 0
    while (taken := take(runtime, JobWatch(), at)) is not None:
        carry_out(runtime, taken, lambda: at)
        done += 1
    return done


def test_two_workers_do_no_job_twice(arena: Stage, crowd: Crowd) -> None:
    _office(arena)
    for number in range(1, 10):
        arena.command("/points expire", by="boss", id=f"more-{number}")
    done = crowd.race(url_of(arena), [Part(_work, (arena.now,)), Part(_work, (arena.now,)), Part(_work, (arena.now,))])
    assert sum(done) == count(arena, Job, Job.state == "done") == 10
    assert _expired(arena) == PLAYERS
    with arena.sessions() as session:
        refs = session.scalars(select(Outbox.ref).where(Outbox.ref.startswith("notice:job:"))).all()
        assert len(set(refs)) == len(refs) == 10
        assert session.scalar(select(func.max(Job.begun))) == 1
    assert faults(arena) == []
