"""Batches of codes: what their codes look like is what a turn knows codes by."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Double, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, Word


class Batch(Base):
    """A run of codes. Inert until activated, and can be voided; ``checked`` codes end in a check symbol."""

    __tablename__ = "batches"
    __table_args__ = (
        CheckConstraint("state IN ('inert', 'active', 'void')", name="state"),
        CheckConstraint("codes_count >= 0", name="codes_count"),
        CheckConstraint("activated_at IS NULL OR file_sha256 <> ''", name="file_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    state: Mapped[Word]
    codes_count: Mapped[int]
    """How many it holds; how many it will hold while its file is not whole."""
    code_length: Mapped[int]
    space_bits: Mapped[float] = mapped_column(Double)
    """Binary logarithm of how many codes a guesser would have to try."""
    checked: Mapped[bool]
    file_sha256: Mapped[str]
    """SHA-256 of the printer's file (or of the imported one), in hex; empty while that is not whole."""
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
