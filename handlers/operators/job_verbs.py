"""What operators can do with jobs: see how far theirs are and what came of them, and stop one."""

from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database
from core.answers import Answer, AnswerPart, Change, Column, ColumnFormat, Table, Value, VerbName, line
from core.arguments import Arguments, Given
from core.database import read_only
from core.operators import Role, VerbRefused, same_operator
from core.verbs import Desk, Group, Verb, by_name
from handlers.operators.job_files import discard, name_of, new_link
from handlers.operators.jobs import row_of_job, stop, told_of_link
from handlers.operators.tables import ANSWER_COLUMN, Job

_SHOWN = 10


class _Shown(Arguments):
    number: Annotated[int | None, Field(ge=1, le=2**31 - 1), Given.IN_PLACE] = Field(
        None, description="The number of a job; without it, your last ones."
    )


class _Numbered(Arguments):
    number: Annotated[int, Field(ge=1, le=2**31 - 1)] = Field(description="The number of a job.", examples=["12"])


_COLUMNS = (
    Column("job"),
    Column("verb"),
    Column("state"),
    Column("done"),
    Column("of"),
    Column("begun", ColumnFormat.SECOND),
    Column("ended", ColumnFormat.SECOND),
)


_FILE = (Column("file"), Column("is there until", ColumnFormat.MINUTE), Column("fetched", ColumnFormat.SECOND))


def _told(job: Job) -> tuple[Value, ...]:
    return (job.id, VerbName(job.verb), _state(job), job.done, job.total, job.begun_at, job.settled_at)


def _state(job: Job) -> str:
    return "stopping" if job.stop_asked_at is not None and job.settled_at is None else job.state


def job_of(session: Session, desk: Desk, number: int) -> Job:
    """A job that is locked. Raises VerbRefused for one that is none, or another operator's, but to an owner."""
    found = session.scalars(database.locked(select(Job).where(Job.id == number), Job.id, Job)).one_or_none()
    if found is None or not _may_see(desk, found):
        raise _no_job(number)
    return found


def _no_job(number: int) -> VerbRefused:
    return VerbRefused("there is no job {number} of yours; {verb} lists them", number=number, verb=VerbName("job"))


def _may_see(desk: Desk, job: Job) -> bool:
    return desk.role is Role.OWNER or same_operator(job.operator, desk.operator)


def _show(desk: Desk, given: _Shown) -> Answer:
    with read_only(desk.runtime.sessions) as session:
        if given.number is None:
            mine = select(Job).where(Job.operator == desk.operator).order_by(Job.id.desc()).limit(_SHOWN)
            rows = [_told(job) for job in session.scalars(mine)]
            return Answer([Table("jobs", _COLUMNS, rows, empty="You have no jobs.")])
        job = session.get(Job, given.number)
        if job is None or not _may_see(desk, job):
            raise _no_job(given.number)
        parts: list[AnswerPart] = [Table("jobs", _COLUMNS, [_told(job)], upright=True)]
        if job.file is not None:
            parts.append(Table("files", _FILE, [(name_of(job.file), job.file_until, job.link_taken_at)], upright=True))
        if job.answer_sealed is not None:
            told = desk.runtime.keys.unseal(ANSWER_COLUMN, row_of_job(job.id), job.answer_sealed)
            parts += [line("{answer}", answer=told)] if told else []
    return Answer(parts)


def _stop(desk: Desk, given: _Numbered) -> Answer:
    with desk.runtime.sessions.begin() as session:
        job = job_of(session, desk, given.number)
        if job.settled_at is not None:
            raise VerbRefused("job {number} is {state} already", number=job.id, state=job.state)
        before = job.state
        stop(session, job, desk.at)
        ended = job.settled_at is not None
    told = "Job {number} is stopped." if ended else "Job {number} stops at its next step; you are told when it has."
    return Answer([line(told, number=given.number)], changes=[Change("job", before, "stopped", str(given.number))])


def _with_file(session: Session, desk: Desk, number: int) -> Job:
    """A job that is locked and has left a file, which the operator may have. Raises VerbRefused."""
    job = job_of(session, desk, number)
    if not by_name(desk.runtime.mechanics.verbs)[job.verb].may_be_said_by(desk.role):
        raise VerbRefused("{verb} is not for your role", verb=VerbName(job.verb))
    if job.file is None or job.file_until is None or job.file_until <= desk.at:
        raise VerbRefused("job {number} has no file that is still there", number=number)
    return job


def _link(desk: Desk, given: _Numbered) -> Answer:
    with desk.runtime.sessions.begin() as session:
        job = _with_file(session, desk, given.number)
        told = told_of_link(desk.runtime, job, new_link(desk.runtime, job))
    return Answer(told, changes=[Change("link", None, "given", str(given.number))])


def _discard(desk: Desk, given: _Numbered) -> Answer:
    with desk.runtime.sessions.begin() as session:
        job = _with_file(session, desk, given.number)
        name = name_of(job.file or "")
        discard(job)
    told = line("The file of job {number} is gone, and its link is good no more.", number=given.number)
    return Answer([told], changes=[Change("file", name, None, str(given.number))])


_JOBS = Group("job", "What lasts: how far it is, and what came of it.")
VERBS: tuple[Verb[Any], ...] = (
    Verb(
        group=_JOBS,
        chinese="任务",
        aliases=("jobs",),
        role=Role.AUDITOR,
        says="How far your jobs are, or what came of one of them.",
        takes=_Shown,
        act=_show,
        chat_only=True,
    ),
    Verb(
        group=_JOBS,
        word="stop",
        chinese="停止任务",
        role=Role.AUDITOR,
        says="Let a job of yours go no further.",
        more="What it did before stays done.",
        final="a job that was stopped does not go on; say what it does once more",
        takes=_Numbered,
        act=_stop,
        changes=True,
        chat_only=True,
    ),
    Verb(
        group=_JOBS,
        word="link",
        chinese="任务链接",
        role=Role.AUDITOR,
        says="A new link to the file that a job of yours has left; the one before is good no more.",
        more="The link gives the file once, to whoever has it, so give it to nobody who should not.",
        final="a newer link, or discarding the file, ends it",
        takes=_Numbered,
        act=_link,
        changes=True,
        chat_only=True,
    ),
    Verb(
        group=_JOBS,
        word="discard",
        chinese="删除任务文件",
        role=Role.AUDITOR,
        says="Delete the file that a job of yours has left, and end its link.",
        final="a file that was deleted is gone; say what makes it once more",
        takes=_Numbered,
        act=_discard,
        changes=True,
        chat_only=True,
    ),
)
