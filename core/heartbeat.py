"""A heartbeat: a small row that a process writes, to see whether the database takes what a turn would write."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select

from core import database
from core.models import Heartbeat
from core.randomness import Randomness

_PADDING_BYTES = 8192
"""More than a page, and by chance, which nothing compresses: a row that always finds room shows nothing."""
_FORGOTTEN = timedelta(hours=1)
_AT_ONCE = 20


def beat(engine: Engine, randomness: Randomness, at: datetime, before: int | None = None) -> int:
    """Write a heartbeat, take back the one ``before`` it and some that dead processes left; returns its id.

    One transaction of four statements; raises what the database raises.
    """
    made = int.from_bytes(randomness.take(8), "big") >> 1
    with database.sessions(engine).begin() as session:
        session.execute(insert(Heartbeat).values(id=made, at=at, padding=randomness.take(_PADDING_BYTES)))
        session.execute(delete(Heartbeat).where(Heartbeat.id == before))
        left = select(Heartbeat.id).where(Heartbeat.at < at - _FORGOTTEN).limit(_AT_ONCE)
        if old := session.scalars(database.taken(left, Heartbeat.id, Heartbeat)).all():
            session.execute(delete(Heartbeat).where(Heartbeat.id.in_(old)))
    return made
