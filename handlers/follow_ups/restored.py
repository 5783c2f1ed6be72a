"""Restored: what was due to be said unasked by then may have been said, and nobody is told twice."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.answers import Line, line
from core.context import TurnRows
from core.models import Timer
from handlers.follow_ups.load import ANNOUNCE
from handlers.follow_ups.react import FOLLOW_UP

RESTORED = "restored"


def drop_overdue(session: Session, _rows: TurnRows, at: datetime) -> Iterator[Line]:
    """Drop the timers of follow-ups and announcements that are due at ``at``."""
    overdue = Timer.kind.in_((FOLLOW_UP, ANNOUNCE)) & (Timer.state == "due") & (Timer.due_at <= at)
    dropped = update(Timer).where(overdue).values(state="dropped", settled_at=at, error=RESTORED)
    if count := len(session.execute(dropped.returning(Timer.occurrence)).all()):
        told = "Follow-ups and announcements due by now: {count}. They may have been said, and are dropped."
        yield line(told, count=count)
