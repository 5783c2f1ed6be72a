"""Long messages that come in parts, each by a request of its own: joined in any order, by whoever hears them.

A part is confirmed once it is written down, so it may be all that one process ever sees of the message. Whoever writes
the last one says the whole; a part that comes again finds the whole, which has one id and is answered once. What has
not come within WHOLE is lost as far as anybody knows: then what has come is all of it, as over SMPP, and a part that
comes even later belongs to what was said already. (SMPP joins in the one process that holds the account,
bots/sms/smpp/reassembly.py: there a part is not acknowledged before the whole is safe, so it needs no table.)
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session, sessionmaker

from core import bulk, database
from core.blame import Unavailable, is_worlds
from core.engine.delivery import delivery
from core.engine.failures import take_turn_safely
from core.engine.runtime import Runtime
from core.keys import Keyring
from core.messages import InboundKind, InboundMessage
from core.models import MessagePart
from core.models.base import table_of
from core.models.parts import PART_COLUMN, part_row

log = structlog.get_logger()

WHOLE = timedelta(minutes=2)
"""So long the parts of one message may take."""
_LATE = timedelta(minutes=10)
"""So long after that a part belongs to the message that was said without it; the reference may be another's then."""
_KEPT = timedelta(days=1)
_AT_ONCE = 100
_LONGEST, _MOST = 64, 255
"""Characters of a number or reference, and parts of a message: they are counted in an octet."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of what a message is. ``reference`` is common to the parts of one message of one sender."""

    reference: str
    total: int
    place: int


def possible(reference: object, total: object, place: object) -> Part | None:
    """A part, unless it says nothing: one of one, or an impossible one, stands alone."""
    told = str(reference), str(total), str(place)
    if not all(each.isascii() and each.isalnum() and len(each) <= _LONGEST for each in told):
        return None
    if not (told[1].isdecimal() and told[2].isdecimal()):
        return None
    found = Part(told[0], int(told[1]), int(told[2]))
    return found if 1 <= found.place <= found.total <= _MOST and found.total > 1 else None


def join(sessions: sessionmaker[Session], keys: Keyring, message: InboundMessage, part: Part) -> InboundMessage | None:
    """Write down ``message``, a part; the whole message when it is complete, whose answer goes by the sender.

    None while others are missing, or when it came too late. Raises Unavailable when it should come again.
    """
    try:
        row = _row(keys, message, part)
        with sessions.begin() as session:
            if not _kept(session, row, message.received_at):
                log.info("part.late", channel=message.channel, account=message.account, id=message.external_id)
                return None
        with sessions.begin() as session:  # whoever writes the last part sees all, whichever process that is
            rows = session.scalars(_of(row)).all()
            mine = next((one for one in rows if one.place == part.place), None)
            same = [one for one in rows if mine is not None and (one.said_at is None) == (mine.said_at is None)]
            if len(same) < part.total:
                return None
            whole = _whole(keys, same, message.received_at)
            for one in same:
                one.said_at = one.said_at or message.received_at
            return whole
    except Exception as error:
        if is_worlds(error):
            raise Unavailable(f"the database does not answer: {type(error).__name__}") from error
        raise


def say_late(runtime: Runtime, at: datetime) -> int:
    """Say what has come of messages whose rest has not come, a hundred parts at most; returns of how many messages."""
    late = select(MessagePart).where(MessagePart.said_at.is_(None), MessagePart.at < at - WHOLE)
    if not database.finds(runtime.sessions, late):
        return 0
    messages = []
    with runtime.sessions.begin() as session:
        found = session.scalars(late.order_by(MessagePart.at).limit(_AT_ONCE))
        for one in {(each.address_key, each.reference): each for each in found}.values():
            rows = [each for each in session.scalars(_of(_key_of(one))) if each.said_at is None]
            log.warning("parts.missing", channel=one.channel, account=one.account, came=len(rows), of=one.total)
            messages.append(_whole(runtime.keys, rows, at))
            for each in rows:
                each.said_at = at
    for message in messages:
        (outcome,) = take_turn_safely(runtime, [delivery(message, runtime.keys)])
        if isinstance(outcome, Unavailable):
            _unsay(runtime.sessions, at)
            raise outcome
    return len(messages)


def forget_parts(sessions: sessionmaker[Session], at: datetime) -> None:
    """Forget the parts of yesterday."""
    with sessions.begin() as session:
        session.execute(delete(MessagePart).where(MessagePart.at < at - _KEPT))


def _unsay(sessions: sessionmaker[Session], at: datetime) -> None:
    """They are still to be said; those that were have an id by which they are known."""
    with sessions.begin() as session:
        session.execute(update(MessagePart).where(MessagePart.said_at == at).values(said_at=None))


def _row(keys: Keyring, message: InboundMessage, part: Part) -> dict[str, object]:
    address_key = keys.address_key(message.channel, message.account, message.user)
    reference = f"{part.reference}/{part.total}"
    said = json.dumps([message.user, message.text])
    return {
        "address_key": address_key,
        "reference": reference,
        "place": part.place,
        "total": part.total,
        "external_id": message.external_id,
        "channel": message.channel,
        "account": message.account,
        "sealed": keys.seal(PART_COLUMN, part_row(address_key, reference, part.place), said),
        "at": message.received_at,
        "said_at": None,
    }


def _kept(session: Session, row: dict[str, object], at: datetime) -> bool:
    """Whether ``row`` is a part that is new or was known; False for one that comes after its message was said."""
    others = [one for one in session.scalars(_of(row)) if one.place != row["place"]]
    said = [one.said_at for one in others if one.said_at is not None]
    mine = session.get(MessagePart, (row["address_key"], row["reference"], row["place"]))
    if mine is None and said and len(said) == len(others) and max(said) > at - _LATE:
        return False
    if mine is None:
        table = table_of(MessagePart)
        bulk.claim(session, table, [row], table.c.place)
    elif mine.external_id != row["external_id"]:  # another message has taken the reference
        for name, value in row.items():
            setattr(mine, name, value)
    return True


def _key_of(one: MessagePart) -> dict[str, object]:
    return {"address_key": one.address_key, "reference": one.reference}


def _of(row: dict[str, object]) -> Select[MessagePart]:
    mine = (MessagePart.address_key == row["address_key"], MessagePart.reference == row["reference"])
    return select(MessagePart).where(*mine).order_by(MessagePart.place)


def _whole(keys: Keyring, rows: Sequence[MessagePart], at: datetime) -> InboundMessage:
    """What ``rows``, in order, say together; its id follows from theirs."""
    said = [
        json.loads(keys.unseal(PART_COLUMN, part_row(one.address_key, one.reference, one.place), one.sealed))
        for one in rows
    ]
    told = "\0".join(f"{one.place}:{one.external_id}" for one in rows)
    name = "parts:" + hashlib.sha256(told.encode()).hexdigest()
    text = "".join(words for _, words in said)
    address = rows[0].channel, rows[0].account, said[0][0]
    kind = InboundKind.TYPED if text.strip() else InboundKind.SHOWED
    return InboundMessage.received(address, name, text, at, waits=False, kind=kind)
