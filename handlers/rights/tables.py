"""The tables of people's rights: links to one's own data, and erasures."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, KeyedHash, Word


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


class Erasure(Base):
    """Somebody asked that all that is known of a person be erased, at ``due_at`` unless it is taken back before.

    ``state``: "waiting"; "resting" when it was done but for parcels that are on their way; "done"; "kept" when it was
    taken back.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'resting', 'done', 'kept')", name="state"),
        CheckConstraint("(settled_at IS NULL) = (state = 'waiting')", name="settled"),
        Index(
            "ix_erasures_due_at",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
            sqlite_where=text("due_at IS NOT NULL"),
        ),
        Index(
            "uq_erasures_waiting",
            "address_key",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), index=True)
    """Of one address of the person; afterwards of the nobody."""
    asked_at: Mapped[datetime]
    asked_by: Mapped[Word | None]
    """The operator who asked; None for the person."""
    due_at: Mapped[datetime | None]
    """When it goes on; None where nothing is left to do."""
    state: Mapped[Word]
    settled_at: Mapped[datetime | None]
    """When it was done, or taken back."""
