"""Restored: broadcasts that were going on when a backup was taken may have gone further since, and go no further."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.answers import Line, line
from core.context import TurnRows
from core.models import Broadcast


def stop_all(session: Session, _rows: TurnRows, at: datetime) -> Iterator[Line]:
    """Stop all broadcasts that were confirmed and not done."""
    going = update(Broadcast).where(Broadcast.state.in_(("freezing", "running")))
    stopped = going.values(state="stopped", ended_at=at).returning(Broadcast.id)
    if count := len(session.execute(stopped).all()):
        yield line(
            "Broadcasts that were going on: {count}. They may have gone further since, and are stopped.", count=count
        )
