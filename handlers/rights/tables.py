"""The tables of people's rights: links to one's own data."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, KeyedHash, Word


class DataLink(Base):
    """A link by which a person fetches what is kept about them, once. What it gives is read when it is fetched."""

    __tablename__ = "data_links"

    link_hash: Mapped[KeyedHash] = mapped_column(primary_key=True)
    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), index=True)
    """The person's, whoever asked."""
    made_at: Mapped[datetime]
    made_by: Mapped[Word | None]
    """The operator who made it for the person; None where the person asked."""
    expires_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    """When it gave the data."""
