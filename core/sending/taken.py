"""What a process has taken to send it now."""

from datetime import datetime
from typing import NamedTuple

from core.engine.claiming import REPLY_COLUMN, open_rich, reply_row
from core.engine.locking import USER_COLUMN
from core.keys import Keyring
from core.sending.outbound import Category, OutboundMessage, Outlet, Right, Way, dispatch_id

Key = tuple[bytes, int]
"""Primary key of what is to be delivered: address and sequence number."""


class Taken(NamedTuple):
    """One text that this process sends now, sealed. ``taken_at`` tells this try from any other."""

    address_key: bytes
    sequence: int
    taken_at: datetime
    ref: str
    part: int
    text_sealed: bytes
    rich_sealed: bytes | None
    user_sealed: bytes
    said_at: datetime
    language: str | None
    category: Category
    campaign_id: int | None = None
    expires_at: datetime | None = None
    job: str | None = None
    scheduled_at: datetime | None = None
    person: bytes | None = None
    """Whose address it is, when it was linked to others."""
    said_count: int = 0
    """Of its address."""
    refused: Right | None = None
    """The right by which the platform did not take it."""
    cut: bool = False
    """A part of it was said by a notice that had no room for more."""
    thread: str | None = None
    """Where within the conversation the message was said that it answers."""
    way: Way = Way.PLAIN
    template: str | None = None
    right: Right | None = None
    """Which right it took up, where the platform counts them."""

    @property
    def key(self) -> Key:
        """Which text it is."""
        return self.address_key, self.sequence

    @property
    def id(self) -> str:
        """What logs, operators and platforms know it by."""
        return dispatch_id(self.address_key, self.sequence)

    def open(self, outlet: Outlet, keys: Keyring) -> OutboundMessage:
        """The message for the adapter. Raises KeysUnusable."""
        row = reply_row(self.address_key, self.ref, self.part)
        return OutboundMessage(
            self.id,
            outlet.channel,
            outlet.account,
            keys.unseal(USER_COLUMN, self.address_key, self.user_sealed),
            keys.unseal(REPLY_COLUMN, row, self.text_sealed),
            self.said_at,
            self.language or "zh",
            self.category,
            open_rich(keys, row, self.rich_sealed),
            self.way,
            self.template,
            self.expires_at,
            self.thread,
        )


class Unasked(NamedTuple):
    """A text that is judged before its turn comes, by what it says of itself: one that nobody asked for, or held."""

    address_key: bytes
    sequence: int
    category: Category
    campaign_id: int | None
    expires_at: datetime | None
    user_sealed: bytes
    cut: bool | None
    """Like that of :class:`Taken`."""

    @property
    def key(self) -> Key:
        """Which text it is."""
        return self.address_key, self.sequence
