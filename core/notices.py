"""Notices: PostgreSQL tells whoever listens that something is due, with the commit that makes it so.

A notice goes with the INSERT or UPDATE itself, which costs no round trip, once a transaction and account. PostgreSQL
holds a lock of the whole server from such a commit until it is on the disk, so only what a sender has to send, or what
fires at once, gives one; what is answered in the connection of its message never does. Nothing depends on notices:
whoever is not told finds what is due when they look (scheduler/listener.py).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from core.models import Base, OutboundJob, Timer

CHANNEL = "huoju"
"""The name that PostgreSQL knows them by."""
TIMERS = "timers"
"""What is told when timers are due; of texts it is their :func:`place`."""
_SOON = timedelta(seconds=2)
"""Longer than a clock that hears rests, and the server's own clock may be off a little."""

OF: Mapping[type[Base], ColumnElement[Any]] = {
    OutboundJob: case((OutboundJob.state == "due", OutboundJob.channel + "/" + OutboundJob.account)),
    Timer: case((Timer.due_at <= func.clock_timestamp() + _SOON, literal(TIMERS))),
}
"""What is told of a row that was written; NULL where it is not due yet."""


def place(channel: str, account: str) -> str:
    """What is told when an account has something to send."""
    return f"{channel}/{account}"


def telling(written: ReturningInsert[Any] | ReturningUpdate[Any]) -> Select[Any]:
    """Do what returns its rows' notices, as its only column, and give each once; for PostgreSQL."""
    done = written.cte("done")
    (what,) = done.c
    return select(func.pg_notify(CHANNEL, what)).where(what.is_not(None)).group_by(what)
