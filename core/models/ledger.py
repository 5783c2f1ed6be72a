"""The ledger: one row a transfer, so it sums to zero by its shape. Rows are never changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import BY_TIME, Base, BigId, Word

HOUSE = 0
"""The owner of transfers that concern no player."""


class Transfer(Base):
    """``amount`` of ``asset`` moved from ledger account ``debit`` to ledger account ``credit``, once per ``ref``.

    ``owner_id`` is the player whom the transfer concerns, or HOUSE.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        Index("ix_transfers_at", "at", **BY_TIME),
    )

    owner_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    ref: Mapped[str] = mapped_column(String(120), primary_key=True)
    campaign_id: Mapped[int]
    asset: Mapped[Word]
    debit: Mapped[str] = mapped_column(String(80))
    credit: Mapped[str] = mapped_column(String(80))
    amount: Mapped[BigId]
    reason: Mapped[Word]
    note: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime]
