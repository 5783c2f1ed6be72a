"""Piggyback: what was held for a player rides on the answer that goes back in the connection of a message.

That takes up no right, costs nothing and comes at once, and where an account may not send customer-service messages
nothing else ever arrives. It arrives as surely as the answer itself does: a message that is delivered again is
answered by the same texts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, literal_column, select
from sqlalchemy.orm import Session

from core import database, lists
from core.consent import welcome
from core.context import TurnRows
from core.engine.delivery import Delivery
from core.engine.replies import pay_at_once
from core.keys import Keyring, KeysUnusable
from core.messages import Answer, InboundMessage
from core.models import Address, OutboundJob, Outbox
from core.outbox import REPLY_COLUMN, open_rich, reply_row
from core.sending.jobs import CUT, WaitingJob
from core.sending.outbound import Category, HeldText
from core.sending.policy import may_go
from core.times import Clock

_LINE = len("\n\n")

_SAID = (
    (Outbox.address_key == OutboundJob.address_key)
    & (Outbox.ref == OutboundJob.ref)
    & (Outbox.part == OutboundJob.part)
)
_HELD = database.locked(
    select(
        OutboundJob.address_key,
        OutboundJob.sequence,
        OutboundJob.ref,
        OutboundJob.part,
        OutboundJob.category,
        OutboundJob.campaign_id,
        OutboundJob.expires_at,
        (OutboundJob.error == CUT).label("cut"),
        Outbox.text_sealed,
        Outbox.rich_sealed,
    )
    .join(Outbox, _SAID)
    .where(lists.among(OutboundJob.address_key, "keys"), OutboundJob.state == literal_column("'held'"))
    .where(OutboundJob.category < int(Category.MARKETING))
    .order_by(OutboundJob.address_key),
    OutboundJob.sequence,
    OutboundJob,
)


def load_held(session: Session, rows: TurnRows, taken: Iterable[Delivery], clock: Clock) -> None:
    """Lock what is held, but for marketing, for those of ``taken`` whose answers have room, as far as it may go now.

    ``taken`` are of senders for whom something is held, as was seen when they were claimed. Call it when their
    addresses are locked.
    """
    owners = {each.key[0] for each in taken if _has_room(each.message) and not each.replay}
    if not owners:
        return
    found = session.execute(_HELD, {"keys": sorted(owners)}).all()
    judged = [
        WaitingJob(*row[:2], Category(row.category), *row[5:7], rows.addresses[row.address_key].user_sealed, row.cut)
        for row in found
    ]
    going = may_go(session, rows.keys, clock(), judged)
    for row in found:
        if (row.address_key, row.sequence) in going and (text := _opened(rows.keys, row)) is not None:
            rows.held.texts.setdefault(row.address_key, []).append(text)


def _has_room(message: InboundMessage) -> bool:
    """Whether so much is known of the connection that something may ride on the answer: until when, and how much."""
    return message.waits and message.answer_by is not None and message.room_bytes is not None


def _opened(keys: Keyring, row: Row[*tuple[Any, ...]]) -> HeldText | None:
    """None when it was sealed with a key that is missing here: that is no fault of whoever speaks."""
    name = reply_row(row.address_key, row.ref, row.part)
    try:
        text, rich = keys.unseal(REPLY_COLUMN, name, row.text_sealed), open_rich(keys, name, row.rich_sealed)
    except KeysUnusable:
        return None
    return HeldText(row.address_key, row.sequence, row.ref, row.part, Category(row.category), text, rich)


def carry(rows: TurnRows, address: Address, message: InboundMessage, answer: Answer) -> Answer:
    """``answer`` to ``message``, and behind it what was held for the player and still has room in the connection.

    Only behind an answer that goes back there whole, and nothing is cut for it. Texts of one category keep their
    order, but what is too long for any answer stands in nobody's way. What does not ride is let go as ever.
    """
    waits = rows.held.texts.get(address.key, [])
    if not waits or message.room_bytes is None or not 0 < answer.here == len(answer.texts) or answer.desk:
        return answer
    if address.key not in rows.released or address.gone_at is not None:
        return answer
    wanted = [each for each in waits if not each.category.unasked or welcome(address)]
    riding = _fitting(wanted, message.room_bytes, answer.texts)
    if not riding:
        return answer
    rows.held.texts[address.key] = [each for each in waits if each not in riding]
    rows.held.carried += [(each, message.external_id) for each in riding]
    sequence, texts = tuple(each.sequence for each in riding), tuple(each.text for each in riding)
    pay_at_once(rows, address, sequence, texts, message.received_at)
    return replace(
        answer,
        texts=answer.texts + texts,
        sequence=answer.sequence + sequence,
        rich=answer.rich + tuple(each.rich for each in riding),
        here=answer.here + len(riding),
    )


def _fitting(held: Sequence[HeldText], room_bytes: int, before: Sequence[str]) -> list[HeldText]:
    """Those of ``held`` that fit whole behind the texts ``before``, one empty line between two."""
    left = room_bytes + _LINE - sum(_size(text) for text in before)
    riding, stopped = list[HeldText](), set[Category]()
    for each in held:
        size = _size(each.text)
        if each.category not in stopped and size <= left:
            riding.append(each)
            left -= size
        elif size - _LINE <= room_bytes:  # it fits another time
            stopped.add(each.category)
    return riding


def _size(text: str) -> int:
    return len(text.encode()) + _LINE
