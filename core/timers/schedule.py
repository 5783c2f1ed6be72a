"""Set a timer: one more row of the turn."""

from datetime import datetime

from core.context import TurnRows
from core.models import Timer


def set_timer(
    rows: TurnRows,
    owner_id: int,
    kind: str,
    *,
    subject: object,
    due_at: datetime,
    occurrence: int = 1,
    since: datetime | None = None,
) -> None:
    """Let ``kind`` be due for a player at ``due_at``, once per subject and occurrence."""
    rows.append(
        Timer,
        owner_id=owner_id,
        kind=kind,
        subject=str(subject),
        occurrence=occurrence,
        since=since,
        due_at=due_at,
        state="due",
        settled_at=None,
        error=None,
    )
