"""Sweep: what waits, or is needless by now, is judged and dropped in thousands, before its turn comes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.orm import Session, sessionmaker

from core import database, lists
from core.database import read_only
from core.models import Address, Dispatch
from core.models.base import table_of
from core.sending.marking import CUT, DUE, TOO_LATE, WHY_NOT
from core.sending.outbound import Category, Outlet
from core.sending.taken import Key, Unasked

_TABLE = table_of(Dispatch)
_MANY = 2000


def unasked_behind(session: Session, outlet: Outlet, at: datetime) -> Sequence[Unasked]:
    """Many of the texts of an account that are due and that nobody asked for, locked; without what others look at."""
    found = session.execute(_BEHIND, {"channel": outlet.channel, "account": outlet.account, "at": at})
    return [Unasked(row[0], row[1], Category(row[2]), *row[3:7]) for row in found]


_BEHIND = database.taken(
    select(
        Dispatch.address_key,
        Dispatch.sequence,
        Dispatch.category,
        Dispatch.campaign_id,
        Dispatch.expires_at,
        Address.user_sealed,
        Dispatch.error == CUT,
    )
    .join(Address, Address.key == Dispatch.address_key)
    .where(Dispatch.channel == bindparam("channel"), Dispatch.account == bindparam("account"), Dispatch.state == DUE)
    .where(Dispatch.due_at <= bindparam("at", type_=_TABLE.c.due_at.type))
    .where(Dispatch.category >= int(Category.REMINDER))
    .limit(_MANY),
    Dispatch.category,
    Dispatch,
)


def drop_needless(session: Session, keys: Sequence[Key], at: datetime) -> None:
    """Drop those of these texts that are needless by now."""
    if keys:
        session.connection().execute(_DROP, {"keys": list(keys), "at": at})


_DROP = (
    update(_TABLE)
    .where(lists.among_rows((_TABLE.c.address_key, _TABLE.c.sequence), "keys"), WHY_NOT.is_not(None))
    .values(state="dropped", error=WHY_NOT)
)


def drop_late(sessions: sessionmaker[Session], at: datetime) -> int:
    """Drop what was held for players who did not speak in time, many in a transaction; returns how many.

    Writes nothing when there is none. Who is speaking at this moment is left alone.
    """
    total = 0
    while True:
        with read_only(sessions) as session:
            if not session.execute(_LATE.limit(1), {"at": at}).first():
                return total
        with sessions.begin() as session:
            late = session.execute(database.taken(_LATE.limit(_MANY), Dispatch.address_key, Dispatch), {"at": at})
            keys = [(row[0], row[1]) for row in late]
            drop_needless(session, keys, at)
        if not keys:
            return total
        total += len(keys)


_LATE = select(Dispatch.address_key, Dispatch.sequence).where(
    Dispatch.state == literal_column("'held'"), TOO_LATE.is_not(None)
)
