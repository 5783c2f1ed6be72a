"""The table of words that link two addresses."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, KeyedHash


class LinkWord(Base):
    """A one-time word: typed on another address, it says that both belong to one person."""

    __tablename__ = "link_words"

    word_hash: Mapped[KeyedHash] = mapped_column(primary_key=True)
    address_key: Mapped[KeyedHash]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
