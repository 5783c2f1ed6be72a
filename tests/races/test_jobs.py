"""Jobs and kill -9: a job whose worker is killed ends as if nothing had happened, and two workers do none twice."""

import os
import signal
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from core.alphabet import normalise
from core.engine.runtime import Runtime
from core.models import Outbox, Transfer
from core.operators import Role
from core.verbs import JobFiles
from handlers.codes import stepwise
from handlers.codes.tables import Code
from handlers.operators.job_files import Fetched, Taken, fetch, sweep
from handlers.operators.jobs import LEASE, JobWatch, carry_out, take
from handlers.operators.tables import Job, LogEntry
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


def _left_alone(stage: Stage) -> None:
    """Wait until the database has noticed that whoever was at work is dead: it holds the row of the job till then."""
    with stage.sessions.begin() as session:
        session.scalars(select(Job).with_for_update()).all()


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
    _left_alone(stage)
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


CODES = 23


def _with_files(runtime: Runtime, folder: Path) -> Runtime:
    return replace(runtime, settings=(JobFiles(folder, timedelta(hours=24)),))


def _issue_until_killed(url: str, name: str, at: datetime, folder: Path, told: Connection) -> None:
    """A worker that waits in the middle of each step, its rows written and not committed."""
    stepwise.CHUNK, store = 5, stepwise.store

    def store_and_wait(*given: Any) -> None:
        store(*given)
        told.send("a step is nearly done")
        told.recv()

    stepwise.store = store_and_wait
    with own_world(url, name) as runtime:
        taken = take(runtime, JobWatch(), at)
        assert taken is not None
        carry_out(_with_files(runtime, folder), taken, lambda: at)


def _fetch(runtime: Runtime, folder: Path, link: str, at: datetime) -> int:
    found = fetch(_with_files(runtime, folder), link, at)
    if not isinstance(found, Fetched):
        assert found == Taken(at)
        return 0
    with found.file as file:
        return len(file.read())


def _issuing(stage: Stage) -> Path:
    folder = stage.directory / "files"
    stage.settings = (JobFiles(folder, timedelta(hours=24)),)
    stage.publish()
    stage.appoint(Role.OWNER)
    word = stage.command(f"/codes issue snack {CODES}", by="boss").split("/confirm ")[-1].split("/确认 ")[-1][:4]
    stage.command(f"/confirm {word}", by="boss")
    return folder


def test_codes_whose_issue_was_killed_in_a_step_are_issued_once(stage: Stage) -> None:
    folder = _issuing(stage)
    processes = forks()
    ours, theirs = processes.Pipe()
    told = (url_of(stage), "killed", stage.now, folder, theirs)
    child = processes.Process(target=_issue_until_killed, args=told, daemon=True)
    child.start()
    theirs.close()
    with ours:
        for step in range(3):
            assert ours.poll(PATIENCE_S)
            ours.recv()
            if step < 2:
                ours.send("go on")
        child.kill()
    child.join(PATIENCE_S)
    assert child.exitcode == -signal.SIGKILL
    _left_alone(stage)
    assert count(stage, Code) == 10, "two steps are whole, and of the third one nothing is there"
    assert [path.suffix for path in folder.iterdir()] == [".part"]
    now_s = [0.0]
    watch = JobWatch(running_s=lambda: now_s[0])
    assert stage.work(watch) == 0
    now_s[0] += LEASE.total_seconds()
    assert stage.work(watch) == 1
    sweep(stage.runtime, stage.now)
    (path,) = folder.iterdir()
    codes = [normalise(line.split(",")[1]) for line in path.read_text("utf-8").split()[1:]]
    with stage.sessions() as session:
        hashes = session.scalars(select(Code.hash)).all()
    assert len(codes) == len(hashes) == CODES
    assert {stage.keys.code_hash(code) for code in codes} == set(hashes)
    assert faults(stage) == []


def test_a_link_that_two_processes_follow_at_once_gives_its_file_once(arena: Stage, crowd: Crowd) -> None:
    folder = _issuing(arena)
    arena.work()
    link = arena.told("boss")[-1].split("/file/")[1].split()[0]
    told = (folder, link, arena.now)
    given = crowd.race(url_of(arena), [Part(_fetch, told)] * 3)
    (path,) = folder.iterdir()
    assert sorted(given) == [0, 0, path.stat().st_size]
    assert count(arena, LogEntry, LogEntry.place == "web") == 1
    assert faults(arena) == []
