"""Restored: what operators had begun or planned when a backup was taken is neither done nor confirmed by itself."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import null, update
from sqlalchemy.orm import Session

from core.answers import Line, line
from core.context import TurnRows
from handlers.operators.tables import Job, Plan


def stop_all(session: Session, _rows: TurnRows, at: datetime) -> Iterator[Line]:
    """Stop all jobs that are not done: they may have been done since; drop the plans that wait."""
    unfinished = update(Job).where(Job.state.in_(("queued", "running")))
    stopped = unfinished.values(state="stopped", worker=null(), settled_at=at).returning(Job.id)
    if count := len(session.execute(stopped).all()):
        yield line("Jobs that were not done: {count}. They may have been done since, and are stopped.", count=count)
    session.execute(update(Plan).where(Plan.state == "waiting").values(state="dropped", settled_at=at))
