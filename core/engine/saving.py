"""Save: one flush of what changed, one bulk insert a table of what is new."""

from sqlalchemy.orm import Session

from core import bulk
from core.context import TurnRows
from core.models import Base, Draw, Guesses, Inbox, Join, Outbox, Redemption, Transfer
from core.models.base import table_of

_ORDER: tuple[type[Base], ...] = (Inbox, Join, Redemption, Draw, Transfer, Outbox)
"""Parents before children; the same for everybody."""


def save(session: Session, rows: TurnRows, hour: int) -> None:
    """Write everything that the turn decided; the caller commits."""
    bulk.write_changes(session)
    bulk.add(session, list(rows.new_players.values()))
    for model in _ORDER:
        bulk.append(session, table_of(model), rows.appended.pop(model, ()))
    assert not rows.appended, f"no place in the order for {list(rows.appended)}"
    if rows.new_wrong:
        counted = [{"scope": scope, "hour": hour, "wrong": wrong} for scope, wrong in sorted(rows.new_wrong.items())]
        bulk.add_up(session, table_of(Guesses), counted, "wrong")
