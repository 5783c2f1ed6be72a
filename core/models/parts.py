"""Parts of long messages that gateways tell one by one, kept for a day: any process may be told of the next."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, KeyedHash, Word

PART_COLUMN = "message_parts.sealed"
"""What a sealed part is bound to, with :func:`part_row`."""


def part_row(address_key: bytes, reference: str, place: int) -> bytes:
    """The row part of the associated data of a sealed part."""
    return address_key + f"{reference}/{place}".encode()


class MessagePart(Base):
    """One part of one address's message. ``said_at`` is when the message was whole, or given up waiting for."""

    __tablename__ = "message_parts"
    __table_args__ = (Index("ix_message_parts_at", "at"),)

    address_key: Mapped[KeyedHash] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(80), primary_key=True)
    """What its parts have in common, and how many there are."""
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Which one it is, from 1."""
    total: Mapped[int]
    external_id: Mapped[str] = mapped_column(String(128))
    channel: Mapped[Word]
    account: Mapped[Word]
    sealed: Mapped[bytes]
    """The user and the words."""
    at: Mapped[datetime]
    said_at: Mapped[datetime | None]
