"""Mark what is to be delivered: as going now, dropped, held, put off, or sent."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    bindparam,
    case,
    delete,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from core import database, lists
from core.models import Address, Dispatch, Outbox
from core.models.base import table_of
from core.sending.outbound import Duty
from core.sending.taken import Key, Taken

# Spelt out, for the indexes that hold only these.
DUE: ColumnElement[str] = literal_column("'due'")
SENDING: ColumnElement[str] = literal_column("'sending'")

_TABLE = table_of(Dispatch)
_KEY = tuple_(_TABLE.c.address_key, _TABLE.c.sequence)
_UNWELCOME = (
    select(Address.key)
    .where(
        Address.key == _TABLE.c.address_key,
        or_(Address.gone_at.is_not(None), Address.opted_out_at.is_not(None) & (_TABLE.c.duty == int(Duty.MARKETING))),
    )
    .exists()
)


def undisturbed(session: Session, candidates: Sequence[Taken]) -> Sequence[Taken]:
    """``candidates`` without marketing for those who are speaking at this moment: what they say may be STOP.

    The addresses of the others are locked, so that they are heard after this.
    """
    wanted = sorted({each.address_key for each in candidates if each.duty == Duty.MARKETING})
    if not wanted:
        return candidates
    statement = database.taken(select(Address.key).where(Address.key.in_(wanted)), Address.key, Address)
    free = set(session.scalars(statement))
    return [each for each in candidates if each.duty != Duty.MARKETING or each.address_key in free]


_MARK = (
    update(_TABLE)
    .where(lists.among_rows((_TABLE.c.address_key, _TABLE.c.sequence), "keys"))
    .values(
        state=case((_UNWELCOME, literal("dropped")), else_=literal("sending")),
        taken_at=case((_UNWELCOME, null()), else_=bindparam("at", type_=_TABLE.c.taken_at.type)),
        error=case((_UNWELCOME, literal("unwelcome")), else_=_TABLE.c.error),
        tries=_TABLE.c.tries + 1,
    )
    .returning(_TABLE.c.address_key, _TABLE.c.sequence, _TABLE.c.state)
)
_NAMED = database.locked(
    select(Dispatch)
    .where(lists.among_rows((Dispatch.address_key, Dispatch.sequence), "keys"))
    .order_by(Dispatch.address_key),
    Dispatch.sequence,
    Dispatch,
)
_SENT = (
    update(table_of(Outbox))
    .where(lists.among_rows((table_of(Outbox).c.address_key, table_of(Outbox).c.ref, table_of(Outbox).c.part), "said"))
    .values(state="sent")
)
_GONE = delete(_TABLE).where(lists.among_rows((_TABLE.c.address_key, _TABLE.c.sequence), "keys"))


def mark_sending(session: Session, candidates: Sequence[Taken], at: datetime) -> set[Key]:
    """Mark ``candidates`` as on their way, and return the keys of those that are.

    The same statement looks whether the player has opted out of marketing, or has gone, and drops the text instead.
    """
    if not candidates:
        return set()
    marked = session.connection().execute(_MARK, {"keys": [each.key for each in candidates], "at": at})
    return {(row[0], row[1]) for row in marked if row[2] == "sending"}


def mark_held(session: Session, keys: Collection[Key]) -> None:
    """Hold these until their players speak."""
    if keys:
        session.connection().execute(update(_TABLE).where(_KEY.in_(sorted(keys))).values(state="held"))


def put_off(session: Session, keys: Collection[Key], until: datetime, error: str) -> None:
    """Let these be due at ``until``, as ``error`` says."""
    if keys:
        values = {"due_at": until, "error": error}
        session.connection().execute(update(_TABLE).where(_KEY.in_(sorted(keys))).values(**values))


def lock_dispatches(session: Session, keys: Sequence[Key]) -> Sequence[Dispatch]:
    """Those of ``keys`` that are still to be delivered, locked."""
    return session.scalars(_NAMED, {"keys": list(keys)}).all()


def write_delivered(session: Session, delivered: Sequence[Dispatch]) -> None:
    """These texts, whose dispatches are locked, were sent, and nothing of them is left to be delivered."""
    if not delivered:
        return
    said = [(one.address_key, one.ref, one.part) for one in delivered]
    session.connection().execute(_SENT, {"said": said})
    session.connection().execute(_GONE, {"keys": [(one.address_key, one.sequence) for one in delivered]})
