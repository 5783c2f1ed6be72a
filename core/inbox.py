"""Failed messages, for an operator: what failed, where, and the message itself to be taken again."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.engine.claiming import TEXT_COLUMN, Delivery, row_key
from core.engine.locking import USER_COLUMN
from core.keys import Keyring
from core.messages import InboundMessage, Manner
from core.models import Address, Inbox


class FailedMessage(NamedTuple):
    """One message that could not be dealt with. ``id`` is short and made for typing."""

    id: str
    channel: str
    account: str
    received_at: datetime
    error: str
    delivery: Delivery
    """The message as it came, ready to be replayed."""


def failed_messages(session: Session, keys: Keyring) -> list[FailedMessage]:
    """All failed messages, oldest first."""
    statement = (
        select(Inbox, Address)
        .join(Address, Address.key == Inbox.address_key)
        .where(Inbox.state == "failed")
        .order_by(Inbox.received_at)
    )
    return [_opened(row, address, keys) for row, address in session.execute(statement)]


def _opened(row: Inbox, address: Address, keys: Keyring) -> FailedMessage:
    key = (row.address_key, row.external_id)
    message = InboundMessage(
        address.channel,
        address.account,
        keys.unseal(USER_COLUMN, address.key, address.user_sealed),
        row.external_id,
        keys.unseal(TEXT_COLUMN, row_key(key), row.text_sealed),
        row.received_at,
        waits=False,
        manner=Manner(row.manner),
        question=row.question,
    )
    short = hashlib.sha256(row_key(key)).hexdigest()[:8]
    delivery = Delivery(message, key, row.body_mac, replay=True)
    return FailedMessage(short, address.channel, address.account, row.received_at, row.error or "", delivery)
