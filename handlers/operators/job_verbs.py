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
from core.verbs import Desk, Group, Verb
from handlers.operators.jobs import row_of_job, stop
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
)
