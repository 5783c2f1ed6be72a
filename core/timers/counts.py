"""How the timers of each kind stand: set for later, due, late, failed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from core.models import Timer

LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TimerCounts:
    """The timers of one kind; ``oldest_at`` is when the one that waits longest was due, None when none is due."""

    kind: str
    later: int
    due: int
    late: int
    failed: int
    oldest_at: datetime | None


def timer_counts(session: Session, at: datetime) -> list[TimerCounts]:
    """One for each kind of which any timer waits or has failed, by name."""
    waits, ripe = Timer.state == "due", Timer.due_at <= at
    late = Timer.due_at < at - LATE
    statement = (
        select(
            Timer.kind,
            _count(waits & ~ripe),
            _count(waits & ripe),
            _count(waits & late),
            _count(Timer.state == "failed"),
            func.min(case((waits & ripe, Timer.due_at))),
        )
        .where(Timer.state.in_(["due", "failed"]))
        .group_by(Timer.kind)
        .order_by(Timer.kind)
    )
    return [TimerCounts(*row) for row in session.execute(statement)]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))
