"""Restoration: a copy of the database that was restored forgets to do again what may have been done without it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core.answers import Line, line
from core.engine.runtime import Runtime
from core.models import Heartbeat
from core.sending.restoration import Place, give_up_marketing, hold


@dataclass(frozen=True, slots=True)
class Settled:
    """What was settled, a line each, and the accounts that are paused until an operator lets them go on."""

    lines: Sequence[Line]
    held: Sequence[Place]


def settle(runtime: Runtime, session: Session, places: Iterable[Place], at: datetime) -> Settled:
    """Settle all that may have been done between the backup and ``at``, and pause ``places`` with all known accounts.

    Done in the transaction of ``session``, before anybody else sees the copy.
    """
    session.execute(delete(Heartbeat))
    lines = []
    if count := give_up_marketing(session):
        told = "Marketing texts that waited: {count}. They may have gone since, so their outcome is unknown now."
        lines.append(line(told, count=count))
    rows = runtime.rows(session)
    for mechanic in runtime.mechanics.each:
        if mechanic.restored is not None:
            lines += mechanic.restored(session, rows, at)
    held = hold(session, places, at)
    session.flush()
    return Settled(lines, held)
