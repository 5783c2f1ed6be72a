"""Deduplication: insert every message into the inbox, and learn which of them were delivered before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import structlog
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    and_,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from core import bulk
from core.attachments import kept
from core.engine.delivery import Delivery, Key, delivery
from core.engine.runtime import Runtime
from core.keys import Keyring
from core.messages import Answer, Answered, InboundKind
from core.models import Inbox, Outbox
from core.models.base import table_of
from core.models.chats import ATTACHMENTS_COLUMN, TEXT_COLUMN, row_key
from core.outbox import REPLY_COLUMN, answer_ref, open_rich, reply_row

log = structlog.get_logger()

InboxRow = dict[str, object]


def inbox_rows(deliveries: Iterable[Delivery], keys: Keyring, *, error: str | None = None) -> list[InboxRow]:
    """The inbox rows of new ``deliveries``, done or (with ``error``) failed, in the order of their keys.

    Words that stand in an album take the place of its wordless pictures, in whatever order they come in one turn.
    """
    first = {taken.key: taken for taken in deliveries}
    rows = {key: _inbox_row(taken, keys, error) for key, taken in first.items()}
    rows |= {taken.album: _album_row(taken, keys) for taken in first.values() if taken.album}
    return [rows[key] for key in sorted(rows)]


def _inbox_row(taken: Delivery, keys: Keyring, error: str | None) -> InboxRow:
    name, attached = row_key(taken.key), taken.message.attachments
    return {
        "address_key": taken.key[0],
        "external_id": taken.key[1],
        "body_mac": taken.body_mac,
        "text_sealed": keys.seal(TEXT_COLUMN, name, taken.message.text),
        "attachments_sealed": keys.seal(ATTACHMENTS_COLUMN, name, kept(attached)) if attached else None,
        "kind": taken.message.kind.value,
        "question": taken.message.question,
        "thread": taken.message.thread,
        "withheld": False,
        "state": "failed" if error else "done",
        "error": error,
        "received_at": taken.message.received_at,
    }


def _album_row(taken: Delivery, keys: Keyring) -> InboxRow:
    """A wordless picture that needs no answer, as the words beside it get one."""
    assert taken.album is not None
    shown = replace(
        taken.message, external_id=taken.album[1], text="", kind=InboundKind.SHOWED, album=None, attachments=()
    )
    return {**_inbox_row(delivery(shown, keys), keys, None), "withheld": True}


# One probe of a small index for each row, whatever statistics make a planner believe. In words, as SQLAlchemy leaves
# out which table a column of RETURNING belongs to.
_HOLDS: ColumnElement[int | None] = literal_column(
    "(SELECT held.sequence FROM dispatches AS held"
    " WHERE held.address_key = inbox.address_key AND held.state = 'held' LIMIT 1)"
).label("holds")


class Claims(NamedTuple):
    """What a turn has claimed."""

    new: set[Key]
    """Messages that are new to this turn."""
    holding: set[bytes]
    """Addresses of senders for whom something is held until they speak."""


def claim(session: Session, runtime: Runtime, deliveries: Sequence[Delivery]) -> Claims:
    """Insert the inbox rows of ``deliveries`` in the order of their keys; return those that are new.

    A row that another process inserts at this moment is waited for: it is new to exactly one of the two.
    """
    rows = inbox_rows((taken for taken in reversed(deliveries) if not taken.replay), runtime.keys)
    inbox = table_of(Inbox)
    inserted = bulk.claim(session, inbox, rows, inbox.c.address_key, inbox.c.external_id, _HOLDS)
    claimed = {(row.address_key, row.external_id) for row in inserted}
    for taken in deliveries:
        if taken.replay and _reclaim(session, taken.key):
            claimed.add(taken.key)
    return Claims(claimed, {row.address_key for row in inserted if row.holds is not None})


def _reclaim(session: Session, key: Key) -> bool:
    statement = (
        update(Inbox)
        .where(Inbox.address_key == key[0], Inbox.external_id == key[1], Inbox.state == "failed")
        .values(state="done", error=None)
        .returning(Inbox.external_id)
    )
    return session.execute(statement).first() is not None


def stored_answers(session: Session, runtime: Runtime, repeats: Sequence[Delivery]) -> dict[Key, tuple[bytes, Answer]]:
    """What was answered to messages that were delivered before: (body fingerprint, answer) by key. Two queries."""
    if not repeats:
        return {}
    keys = sorted({taken.key for taken in repeats})
    bodies = session.execute(
        select(Inbox.address_key, Inbox.external_id, Inbox.body_mac).where(
            tuple_(Inbox.address_key, Inbox.external_id).in_(keys)
        )
    ).all()
    said: dict[Key, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_said(keys)):
        said[row.address_key, row.answers].append(row)
    answers: dict[Key, tuple[bytes, Answer]] = {}
    for address_key, external_id, body_mac in bodies:
        mine = sorted(said[address_key, external_id], key=lambda row: (row.rides, row.sequence))
        named = [(reply_row(address_key, row.ref, row.part), row) for row in mine]
        texts = tuple(runtime.keys.unseal(REPLY_COLUMN, name, row.text_sealed) for name, row in named)
        rich = tuple(open_rich(runtime.keys, name, row.rich_sealed) for name, row in named)
        here = sum(row.here for row in mine)
        answer = Answer(Answered.REPEATED, texts, tuple(row.sequence for row in mine), rich, here)
        answers[address_key, external_id] = (body_mac, answer)
    return answers


def answer_again(repeat: Delivery, body_mac: bytes, answer: Answer) -> Answer:
    """What ``repeat`` gets, whose message had the fingerprint ``body_mac`` and got ``answer``."""
    if body_mac != repeat.body_mac and not repeat.replay:
        log.warning("inbox.tampered", address=repeat.key[0].hex(), external_id=repeat.key[1])
        return Answer(Answered.TAMPERED)
    return replace(answer, how=Answered.REPEATED)


def _said(keys: Sequence[Key]) -> CompoundSelect[Any]:
    """What answers the messages ``keys``: their own texts, and those that ride on them; whether in their connection."""
    text = (Outbox.address_key, Outbox.ref, Outbox.part, Outbox.sequence, Outbox.text_sealed, Outbox.rich_sealed)
    refs = [(address_key, answer_ref(external_id)) for address_key, external_id in keys]
    here = and_(Outbox.state == "answered", Outbox.carried_by.is_(None))
    name = func.substr(Outbox.ref, len(answer_ref("")) + 1).label("answers")
    own = select(*text, name, literal(0).label("rides"), here.label("here"))
    riding = select(*text, Outbox.carried_by, literal(1), true())
    rides = tuple_(Outbox.address_key, Outbox.carried_by).in_(keys)
    return union_all(
        own.where(tuple_(Outbox.address_key, Outbox.ref).in_(refs)),
        riding.where(rides, Outbox.carried_by.is_not(None)),  # spelt out, for the index that holds only these
    )
