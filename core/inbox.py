"""Failed messages, for an operator: what failed, where, and the message itself to be taken again."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from core.attachments import opened
from core.engine.delivery import Delivery
from core.keys import Keyring
from core.messages import SCENE_LIMIT, InboundKind, InboundMessage
from core.models import Address, Campaign, Inbox
from core.models.chats import ATTACHMENTS_COLUMN, TEXT_COLUMN, row_key
from core.models.players import USER_COLUMN


class FailedMessage(NamedTuple):
    """One message that could not be dealt with. ``id`` is short and made for typing."""

    id: str
    channel: str
    account: str
    received_at: datetime
    error: str
    delivery: Delivery
    """The message as it came, ready to be replayed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which failed messages: those of which all that is given is true."""

    error: str | None = None
    """Part of the error."""
    since: datetime | None = None
    until: datetime | None = None
    """Received from ``since`` on, and before ``until``."""
    channel: str | None = None
    campaign: str | None = None
    """The campaign that the sender played last."""

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What is true of their rows."""
        if self.error is not None:
            yield Inbox.error.contains(self.error, autoescape=True)
        if self.since is not None:
            yield Inbox.received_at >= self.since
        if self.until is not None:
            yield Inbox.received_at < self.until
        if self.channel is not None:
            yield Address.channel == self.channel
        if self.campaign is not None:
            named = select(Campaign.id).where(Campaign.name == self.campaign)
            yield Address.campaign_id.in_(named)


def failed_messages(session: Session, keys: Keyring, wanted: Wanted | None = None) -> list[FailedMessage]:
    """All failed messages, or those that are wanted, in the order in which they were received."""
    statement = (
        select(Inbox, Address)
        .join(Address, Address.key == Inbox.address_key)
        .where(Inbox.state == "failed", *(wanted or Wanted()).conditions())
        .order_by(Inbox.received_at, Inbox.address_key, Inbox.external_id)
    )
    return [_opened(row, address, keys) for row, address in session.execute(statement)]


def _opened(row: Inbox, address: Address, keys: Keyring) -> FailedMessage:
    key = (row.address_key, row.external_id)
    name, kind, attached = row_key(key), InboundKind(row.kind), row.attachments_sealed
    text = keys.unseal(TEXT_COLUMN, name, row.text_sealed)
    message = InboundMessage(
        address.channel,
        address.account,
        keys.unseal(USER_COLUMN, address.key, address.user_sealed),
        row.external_id,
        text,
        row.received_at,
        waits=False,
        kind=kind,
        question=row.question,
        thread=row.thread,
        scene=text[:SCENE_LIMIT] if kind in {InboundKind.FOLLOWED, InboundKind.SCENE} else None,
        attachments=opened(keys.unseal(ATTACHMENTS_COLUMN, name, attached)) if attached is not None else (),
    )
    short = hashlib.sha256(name).hexdigest()[:8]
    delivery = Delivery(message, key, row.body_mac, replay=True)
    return FailedMessage(short, address.channel, address.account, row.received_at, row.error or "", delivery)
