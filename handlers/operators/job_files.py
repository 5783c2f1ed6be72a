"""Files that jobs leave: a link gives each of them once, while it is there, and after a time it goes.

What is in the folder is named by the job and by the worker that wrote it: two workers never write one file, and what
no row knows is swept away. No path comes from outside.
"""

import hmac
import os
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import database
from core.answers import Change
from core.database import read_only
from core.engine.runtime import Runtime
from core.links import read_signed, signed
from core.models import Address
from core.operators import VerbRefused
from core.verbs import JobFiles, by_name
from handlers.operators import log
from handlers.operators.access import speaker_at
from handlers.operators.tables import Job

logger = structlog.get_logger()

WEB = "web"
"""Where a file was fetched, as the log calls it."""
FETCHED = "job link"
"""The verb by which the log knows that a file was fetched."""
_PURPOSE = "job file"
_NAME = re.compile(r"(\d{1,10})-([0-9a-f]{16})-([a-z0-9][a-z0-9.-]{0,79})")
_PART = ".part"
_NONCE_BYTES = 16


def path_for(runtime: Runtime, number: int, worker: bytes, name: str) -> Path:
    """Where a worker writes the file ``name`` of a job. Raises VerbRefused where files have no folder."""
    files = runtime.setting(JobFiles)
    if files is None:
        raise VerbRefused("no file can be left here; say it in a terminal")
    made = f"{number}-{worker.hex()}-{name}"
    assert _NAME.fullmatch(made), name
    try:
        files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise VerbRefused("{path} cannot be written: {why}", path=str(files.folder), why=why) from None
    return files.folder / made


def leave(runtime: Runtime, job: Job, path: Path, at: datetime) -> str:
    """Let a job that is locked have left the file at ``path``; returns the path of the first link to it."""
    files = runtime.setting(JobFiles)
    assert files is not None
    job.file, job.file_until = path.name, at + files.kept_for
    return new_link(runtime, job)


def new_link(runtime: Runtime, job: Job) -> str:
    """The path of a link to the file of a job that is locked; one that was given out before is good no more."""
    assert job.file_until is not None
    says = f"{job.id}.{runtime.randomness.take(_NONCE_BYTES).hex()}"
    token = signed(runtime.keys, _PURPOSE, says, job.file_until)
    job.link_hash, job.link_taken_at = runtime.keys.index(_PURPOSE, token), None
    return f"/file/{token}"


def discard(job: Job) -> None:
    """Let the file of a job that is locked go, and its link; the clock takes it off the disk."""
    job.file = job.file_until = job.link_hash = None


def name_of(file: str) -> str:
    """The name under which whoever fetches ``file`` of a job knows it."""
    found = _NAME.fullmatch(file)
    return found[3] if found else file


class Offered(NamedTuple):
    """A file that waits behind a link."""

    name: str
    bytes_count: int


class Taken(NamedTuple):
    """A link that has given its file."""

    at: datetime


class Fetched(NamedTuple):
    """A file that a link gave, which now gives nothing any more; whoever reads it closes it."""

    name: str
    bytes_count: int
    file: BinaryIO


def look(runtime: Runtime, token: str, at: datetime) -> Offered | Taken | None:
    """What is behind a link, which stays as it is; None where that is not ours, over, or was taken back."""
    number = _number(runtime, token, at)
    if number is None:
        return None
    with read_only(runtime.sessions) as session:
        found = _behind(runtime, session, number, token, at)
    if not isinstance(found, Path):
        return found
    opened = _opened(found)
    if opened is None:
        return None
    with opened as file:
        return Offered(name_of(found.name), os.fstat(file.fileno()).st_size)


def fetch(runtime: Runtime, token: str, at: datetime) -> Fetched | Taken | None:
    """What a link gives: once, whoever asks at the same time. It is in the log of operators; None as :func:`look`."""
    number = _number(runtime, token, at)
    if number is None:
        return None
    with read_only(runtime.sessions) as session:
        found = _behind(runtime, session, number, token, at)
    opened = _opened(found) if isinstance(found, Path) else None
    if not isinstance(found, Path) or opened is None:
        return found if isinstance(found, Taken) else None
    try:
        with runtime.sessions.begin() as session:
            mine = (Job.id == number) & (Job.file == found.name)
            mine &= (Job.link_hash == runtime.keys.index(_PURPOSE, token)) & Job.link_taken_at.is_(None)
            given = update(Job).where(mine).values(link_taken_at=at).returning(Job.id)
            burnt = session.execute(given, execution_options={"synchronize_session": False}).first() is not None
            if burnt:
                _log(session, runtime, number, name_of(found.name), at)
    except BaseException:
        opened.close()
        raise
    if burnt:
        return Fetched(name_of(found.name), os.fstat(opened.fileno()).st_size, opened)
    opened.close()
    now = look(runtime, token, at)
    return now if isinstance(now, Taken) else None


def _number(runtime: Runtime, token: str, at: datetime) -> int | None:
    """The job that a link of ours is about; nothing else comes so far as to the database."""
    said = read_signed(runtime.keys, _PURPOSE, token, at)
    return None if said is None else int(said.partition(".")[0])


def _behind(runtime: Runtime, session: Session, number: int, token: str, at: datetime) -> Path | Taken | None:
    files, job = runtime.setting(JobFiles), session.get(Job, number)
    if files is None or job is None or job.file is None or job.link_hash is None:
        return None
    if not hmac.compare_digest(job.link_hash, runtime.keys.index(_PURPOSE, token)):
        return None
    if job.link_taken_at is not None:
        return Taken(job.link_taken_at)
    may = _may_still(runtime, session, job, at) and _NAME.fullmatch(job.file)
    return files.folder / job.file if may else None


def _may_still(runtime: Runtime, session: Session, job: Job, at: datetime) -> bool:
    """Whether whoever asked for a job may say its verb still."""
    speaker = speaker_at(session, job.address_key, session.get_one(Address, job.address_key).place, at)
    return speaker is not None and by_name(runtime.mechanics.verbs)[job.verb].may_be_said_by(speaker.role)


def _opened(path: Path) -> BinaryIO | None:
    try:
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
    except OSError as error:
        logger.warning("job_file.missing", file=path.name, error=error.strerror)
        return None


def _log(session: Session, runtime: Runtime, number: int, name: str, at: datetime) -> None:
    changed = Change("file", name, "fetched", str(number))
    said = log.Said(
        at=at,
        operator=None,
        role=None,
        place=WEB,
        verb=FETCHED,
        words=f"job {number}",
        changes=[changed],
        ending="done",
    )
    log.write(session, runtime.keys, said)


def sweep(runtime: Runtime, at: datetime) -> int:
    """Take away the files whose time is over, and what no job knows; returns how many went from the disk.

    Only what is named as ours goes. The folder is looked at before the rows, so that no new file is taken for an old.
    """
    files = runtime.setting(JobFiles)
    if files is None or not files.folder.is_dir():
        return 0
    there = [(path, found) for path in files.folder.iterdir() if (found := _NAME.fullmatch(_whole(path.name)))]
    with runtime.sessions.begin() as session:
        over = select(Job).where(Job.file.is_not(None), Job.file_until <= at)
        for job in session.scalars(database.locked(over, Job.id, Job)):
            discard(job)
        session.flush()
        known = set(session.scalars(select(Job.file).where(Job.file.is_not(None))))
        running = session.execute(select(Job.id, Job.worker).where(Job.state == "running")).all()
    at_work = {(row.id, row.worker.hex()) for row in running if row.worker is not None}
    gone = 0
    for path, found in there:
        if path.name not in known and (int(found[1]), found[2]) not in at_work:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            gone += 1
    return gone


def _whole(name: str) -> str:
    """The name of the file of which ``name`` is a part, or a folder of parts that a killed worker left; or itself."""
    return name[1:].rpartition(".")[0] if name.startswith(".") else name.removesuffix(_PART)
