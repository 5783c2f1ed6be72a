"""Jobs: verbs that last, said in a chat; a row each, which whoever has a clock carries out, and then tells of.

What two workers do at once is kept right by the row: each draws a word of its own when it takes a job, and a step, or
the end, holds only while that word stands there. That a worker has died is seen by a number that does not grow any
more, by a clock that nobody sets.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from core import database
from core.answers import Answer, AnswerPart, Change, Link, VerbName, line
from core.blame import is_worlds, where
from core.database import read_only
from core.engine.replies import State, language_for, say
from core.engine.runtime import Runtime
from core.engine.unit_of_work import UnitOfWork
from core.messages import Reply
from core.models import Address
from core.operators import VerbRefused
from core.times import Clock
from core.verbs import Desk, Outlets, Stopped, Verb, by_name, patiently
from handlers.operators import job_files, log
from handlers.operators.access import Speaker, speaker_at
from handlers.operators.say import Teller, pages
from handlers.operators.tables import ANSWER_COLUMN, JOB_COLUMN, KEPT_COLUMN, Job

logger = structlog.get_logger()

LEASE = timedelta(seconds=60)
"""A job whose number of beats did not grow for so long has lost its worker."""
BEAT_S = 10.0
TOLD_EACH_S = 1.0
MOST_TRIES = 5
MOST_WAITING = 10
"""Of one operator."""

_Ending = Literal["done", "refused", "failed", "stopped"]
_Answered = Answer | VerbRefused | None
"""What came of a job; None where it was stopped."""
_UNFINISHED = Job.state.in_(("queued", "running"))
_SAID: Mapping[_Ending, str] = {
    "done": "Job {number} is done: {verb}",
    "refused": "Job {number} could not be done: {verb}",
    "failed": "Job {number} failed: {verb}",
    "stopped": "Job {number} was stopped: {verb}",
}


def foresee(session: Session, verb: Verb[Any], desk: Desk, given: Mapping[str, object]) -> Answer:
    """What is said of a verb that lasts before it is done. Raises VerbRefused for what can be known to be refused."""
    arguments = verb.takes.read(given)
    session.flush()
    return verb.foresees(desk, arguments) if verb.foresees is not None else Answer([line(verb.says)])


def begin(session: Session, verb: Verb[Any], desk: Desk, given: Mapping[str, object]) -> Answer:
    """Queue a job. Raises VerbRefused where too many of this operator wait."""
    assert desk.address_key is not None
    mine = (Job.address_key == desk.address_key) & _UNFINISHED
    if (session.scalar(select(func.count()).select_from(Job).where(mine)) or 0) >= MOST_WAITING:
        raise VerbRefused("{most} jobs of yours are not done yet; wait, or stop some", most=MOST_WAITING)
    job = Job(
        address_key=desk.address_key,
        operator=desk.operator,
        verb=verb.name,
        given_sealed=b"",
        state="queued",
        worker=None,
        beats=0,
        begun=0,
        done=0,
        total=None,
        made_at=desk.at,
    )
    session.add(job)
    session.flush()
    told = json.dumps({"given": dict(given), "words": desk.words}, ensure_ascii=False)
    job.given_sealed = desk.runtime.keys.seal(JOB_COLUMN, row_of_job(job.id), told)
    session.flush()
    return Answer(
        [line("Job {number} has begun; {verb} {number} tells how far it is.", number=job.id, verb=VerbName("job"))],
        changes=[Change("job", None, job.id)],
    )


def row_of_job(number: int) -> bytes:
    """The row part of the associated data of what is sealed for a job."""
    return number.to_bytes(8, "big")


def stop(session: Session, job: Job, at: datetime) -> None:
    """Let a job that is locked not go on: one that nobody has begun ends now, another one at its next step."""
    job.stop_asked_at = job.stop_asked_at or at
    if job.state == "queued" and not job.begun:
        job.state, job.settled_at = "stopped", at
    session.flush()


class JobWatch:
    """What one process has seen at work, and since when, by a clock that only runs."""

    def __init__(self, lease: timedelta = LEASE, running_s: Callable[[], float] = time.monotonic) -> None:
        self._lease_s, self._running_s = lease.total_seconds(), running_s
        self._since: dict[tuple[int, bytes, int], float] = {}

    def lost(self, running: Iterator[tuple[int, bytes, int]]) -> list[tuple[int, bytes, int]]:
        """Those of ``running``, all jobs at work by number, worker and beats, that were seen so for a whole lease."""
        now_s = self._running_s()
        self._since = {one: self._since.get(one, now_s) for one in running}
        return [one for one, since_s in self._since.items() if now_s - since_s >= self._lease_s]


@dataclass(frozen=True, slots=True)
class Taken:
    """A job that this worker, and no other one, has in hand."""

    number: int
    worker: bytes
    address_key: bytes
    operator: str
    verb: str
    given: Mapping[str, object]
    words: str
    kept: Mapping[str, Any]
    begun: int


def take(runtime: Runtime, watch: JobWatch, at: datetime) -> Taken | None:
    """Take the first job that nobody is at work on; None where there is none."""
    with read_only(runtime.sessions) as session:
        running = session.execute(select(Job.id, Job.worker, Job.beats).where(Job.state == "running")).all()
        waits = session.scalar(select(Job.id).where(Job.state == "queued").limit(1)) is not None
    lost = {one[0]: one for one in watch.lost((row.id, row.worker, row.beats) for row in running)}
    if not waits and not lost:
        return None
    with runtime.sessions.begin() as session:
        free: ColumnElement[bool] = (Job.state == "queued") | Job.id.in_(sorted(lost))
        for job in session.scalars(database.taken(select(Job).where(free), Job.id, Job)):
            if job.state != "queued" and lost.get(job.id) != (job.id, job.worker, job.beats):
                continue
            job.state, job.worker = "running", runtime.randomness.take(8)
            job.beats, job.begun, job.begun_at = job.beats + 1, job.begun + 1, job.begun_at or at
            session.flush()
            return _opened(runtime, job)
    return None


def _opened(runtime: Runtime, job: Job) -> Taken:
    told, kept = given_of(runtime, job), job.kept_sealed
    assert job.worker is not None
    return Taken(
        job.id,
        job.worker,
        job.address_key,
        job.operator,
        job.verb,
        told["given"],
        told["words"],
        {} if kept is None else json.loads(runtime.keys.unseal(KEPT_COLUMN, row_of_job(job.id), kept)),
        job.begun,
    )


def given_of(runtime: Runtime, job: Job) -> dict[str, Any]:
    """What a job was given, and the words in which it was said. Raises KeysUnusable."""
    told: dict[str, Any] = json.loads(runtime.keys.unseal(JOB_COLUMN, row_of_job(job.id), job.given_sealed))
    return told


class _Lost(Stopped):
    """Another worker has it, or nobody any more."""


class _PutDown(Stopped):
    """This process ends: another one goes on."""


class _AtWork:
    """The Work of a job that was taken."""

    def __init__(
        self, runtime: Runtime, taken: Taken, stopping: threading.Event, running_s: Callable[[], float]
    ) -> None:
        self._runtime, self._taken, self._stopping, self._running_s = runtime, taken, stopping, running_s
        self._kept, self._told_s = dict(taken.kept), running_s()
        self._ended = threading.Event()
        self._mine = (Job.id == taken.number) & (Job.worker == taken.worker) & (Job.state == "running")

    @property
    def kept(self) -> Mapping[str, Any]:
        return self._kept

    def told(self, done: int, of: int | None = None) -> None:
        if self._stopping.is_set():
            raise _PutDown
        if self._running_s() - self._told_s >= TOLD_EACH_S:
            self._told_s = self._running_s()
            with self._runtime.sessions.begin() as session:
                self._write(session, done, of)

    def step(self, session: Session, done: int, of: int | None = None, **kept: Any) -> None:
        if self._stopping.is_set():
            raise _PutDown
        sealed = self._runtime.keys.seal(KEPT_COLUMN, row_of_job(self._taken.number), json.dumps(kept))
        self._write(session, done, of, kept_sealed=sealed)
        self._kept = kept

    def _write(self, session: Session, done: int, of: int | None, **values: Any) -> None:
        told = values | {"beats": Job.beats + 1, "done": done, "total": of}
        statement = update(Job).where(self._mine).values(told).returning(Job.stop_asked_at)
        found = session.execute(statement, execution_options={"synchronize_session": False}).first()
        if found is None:
            raise _Lost
        if found.stop_asked_at is not None:
            raise Stopped

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Let the row say meanwhile that somebody is at work."""
        thread = threading.Thread(target=self._beat, name=f"job {self._taken.number}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._ended.set()
            thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_S):
            try:
                with self._runtime.sessions.begin() as session:
                    session.execute(update(Job).where(self._mine).values(beats=Job.beats + 1))
            except Exception as error:  # noqa: BLE001  # the next beat may go well
                logger.warning("job.unbeaten", job=self._taken.number, error=type(error).__name__, at=where(error))


def carry_out(
    runtime: Runtime,
    taken: Taken,
    clock: Clock,
    stopping: threading.Event | None = None,
    running_s: Callable[[], float] = time.monotonic,
) -> None:
    """Do a job and tell its operator; put it down for another worker when ``stopping`` is set.

    Raises what the world does; it is taken again then.
    """
    verb = by_name(runtime.mechanics.verbs)[taken.verb]
    speaker = _speaker(runtime, taken, clock())
    if speaker is None or not verb.may_be_said_by(speaker.role):
        _settle(runtime, taken, clock(), "refused", VerbRefused("whoever said it may not say it any more"))
        return
    if taken.begun > MOST_TRIES:
        _settle(runtime, taken, clock(), "failed", VerbRefused("it was begun often, and never came to an end"))
        return
    work = _AtWork(runtime, taken, stopping or threading.Event(), running_s)
    outlets = runtime.setting(Outlets)
    desk = Desk(
        runtime,
        clock(),
        outlets.read if outlets is not None else tuple,
        speaker.name,
        speaker.role,
        speaker.place,
        taken.address_key,
        taken.words,
        work,
        lambda name: job_files.path_for(runtime, taken.number, taken.worker, name),
    )
    try:
        with work.beating():
            answer = verb.carry_out(desk, taken.given)
    except _PutDown:
        _put_down(runtime, taken)
    except _Lost:
        pass
    except Stopped:
        _settle(runtime, taken, clock(), "stopped", None)
    except VerbRefused as refused:
        _settle(runtime, taken, clock(), "refused", refused)
    except Exception as error:
        if is_worlds(error):
            raise
        logger.exception("job.failed", job=taken.number, error=type(error).__name__)
        _settle(runtime, taken, clock(), "failed", VerbRefused("by a fault of ours; the log of the server has it"))
    else:
        _settle(runtime, taken, clock(), "done", answer)


def _speaker(runtime: Runtime, taken: Taken, at: datetime) -> Speaker | None:
    with read_only(runtime.sessions) as session:
        address = session.get_one(Address, taken.address_key)
        return speaker_at(session, taken.address_key, address.place, at)


def _put_down(runtime: Runtime, taken: Taken) -> None:
    with runtime.sessions.begin() as session:
        mine = (Job.id == taken.number) & (Job.worker == taken.worker) & (Job.state == "running")
        values = {"state": "queued", "worker": None, "begun": Job.begun - 1}
        session.execute(update(Job).where(mine).values(values))


def _settle(runtime: Runtime, taken: Taken, at: datetime, ending: _Ending, answered: _Answered) -> None:
    patiently(lambda: _settled(runtime, taken, at, ending, answered))


def _settled(runtime: Runtime, taken: Taken, at: datetime, ending: _Ending, answered: _Answered) -> None:
    """Write down how a job ended, tell its operator, and write that into their log: one transaction."""
    with runtime.sessions.begin() as session:
        work = UnitOfWork(runtime, session)
        work.lock_address(taken.address_key)
        mine = select(Job).where(Job.id == taken.number, Job.worker == taken.worker, Job.state == "running")
        job = session.scalars(database.locked(mine, Job.id, Job)).one_or_none()
        if job is None:
            return
        address = work.rows.addresses[taken.address_key]
        speaker = speaker_at(session, taken.address_key, address.place, at)
        mechanics = runtime.mechanics
        teller = Teller(mechanics.phrases(), language_for(address, None), runtime.public_url, mechanics.verbs)
        told = teller.refused(answered) if isinstance(answered, VerbRefused) else teller.answer(answered or Answer())
        changes = answered.changes if isinstance(answered, Answer) else _abandoned(runtime, session, job, at)
        left = _left(runtime, job, answered, at) if ending == "done" else ()
        job.state, job.worker, job.settled_at, job.kept_sealed = ending, None, at, None
        job.answer_sealed = runtime.keys.seal(ANSWER_COLUMN, row_of_job(job.id), told)
        if speaker is not None:
            first = teller.sentence(_SAID[ending], number=job.id, verb=VerbName(job.verb))
            parts = (first, *map(teller.part, left), told)
            shown, rest = pages("\n\n".join(filter(None, parts)), address.channel)
            more = (
                [teller.sentence("{verb} {number} shows all of it.", number=job.id, verb=VerbName("job"))]
                if rest
                else []
            )
            reply = Reply("verb.says", {"text": "\n\n".join([shown, *more])})
            ref = f"notice:job:{job.id}"
            say(work.rows, address, None, [reply], ref=ref, state=State.QUEUED, at=at)
        work.save(at)
        log.write(
            session,
            runtime.keys,
            log.Said(
                at=at,
                operator=taken.operator,
                role=speaker.role.value if speaker is not None else None,
                place=str(address.place),
                address_key=taken.address_key,
                verb=taken.verb,
                words=f"/job {taken.number}",
                changes=[*changes, Change("job", "running", ending, str(taken.number))],
                ending="done" if ending == "done" else "refused",
            ),
        )


def _abandoned(runtime: Runtime, session: Session, job: Job, at: datetime) -> Sequence[Change]:
    """Put right what the steps of a job did that does not come to its end."""
    abandon = by_name(runtime.mechanics.verbs)[job.verb].abandon
    if abandon is None or job.kept_sealed is None:
        return ()
    return abandon(session, at, json.loads(runtime.keys.unseal(KEPT_COLUMN, row_of_job(job.id), job.kept_sealed)))


def _left(runtime: Runtime, job: Job, answered: _Answered, at: datetime) -> Sequence[AnswerPart]:
    """What is said of the file that a job has left; the link stands in the message alone, and not in the answer."""
    if not isinstance(answered, Answer) or answered.file is None:
        return ()
    return told_of_link(runtime, job, job_files.leave(runtime, job, answered.file, at))


def told_of_link(runtime: Runtime, job: Job, path: str) -> Sequence[AnswerPart]:
    """What is said of a link to the file of a job."""
    assert job.file_until is not None
    told = line(
        "The link gives the file once, until {until} (UTC); {verb} gives another one.",
        until=f"{job.file_until:%Y-%m-%d %H:%M}",
        verb=VerbName(f"job link {job.id}"),
    )
    missing = line("HUOJU_PUBLIC_URL is not set: put the address of this server before it.")
    return [Link("The file", path), told, *([missing] if runtime.public_url is None else [])]
