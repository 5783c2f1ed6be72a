"""Purchases: who bought what, when and for how much; what was given back; and where it is known from."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, KeyedHash, Word
from handlers.purchases.receipts import LONGEST_ITEM, LONGEST_REF, LONGEST_SKU

BUYER_COLUMN = "purchases.buyer"
CODES = "codes"
"""The source of purchases that are redemptions; each other one is the name of a till."""


class PurchaseImport(Base):
    """A table of receipts that was taken in, or is being taken in."""

    __tablename__ = "purchase_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(index=True)
    source: Mapped[Word]
    file: Mapped[str] = mapped_column(String(80))
    """The name of the file."""
    operator: Mapped[str] = mapped_column(String(40))
    """Who did it; "" in a terminal."""
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """None while it is not whole: said again, it goes on."""
    new_count: Mapped[int]
    """How many purchases it brought."""


class Purchase(Base):
    """Something was bought and paid. The row stays as it is, but for whose it is and how much was given back.

    ``refunded`` is the sum of its refunds: that it never exceeds what was paid is a CHECK.
    """

    __tablename__ = "purchases"
    __table_args__ = (
        UniqueConstraint("campaign_id", "source", "ref"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("refunded >= 0 AND refunded <= amount", name="refunded"),
        Index("ix_purchases_player_id", "player_id", "at"),
        Index("ix_purchases_campaign_id", "campaign_id", "at"),
        Index(
            "ix_purchases_buyer_key",
            "buyer_key",
            postgresql_where=text("player_id IS NULL"),
            sqlite_where=text("player_id IS NULL"),
        ),
    )

    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    source: Mapped[Word]
    ref: Mapped[str] = mapped_column(String(LONGEST_REF))
    """The number of the receipt; of a redemption its code's hash, in hex."""
    player_id: Mapped[BigId | None]
    """Whose it is; None for whoever has not joined yet."""
    buyer_key: Mapped[KeyedHash | None]
    """The blind index of the phone or address that the table names; None for a redemption."""
    buyer_sealed: Mapped[bytes | None]
    at: Mapped[datetime]
    amount: Mapped[BigId]
    """What was paid, in hundredths of the campaign's currency."""
    refunded: Mapped[BigId]
    content: Mapped[KeyedHash | None]
    """The fingerprint of what the table says; None for a redemption."""
    import_id: Mapped[int | None]
    row: Mapped[int | None]
    """Where it stands in the file of the import."""


class PurchaseItem(Base):
    """One thing of a purchase."""

    __tablename__ = "purchase_items"
    __table_args__ = (CheckConstraint("milli > 0", name="milli"), {"sqlite_with_rowid": False})

    purchase_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """On the receipt, from 1 on."""
    item: Mapped[str] = mapped_column(String(LONGEST_ITEM))
    """What it is told by: its name, or its article number, in one spelling."""
    sku: Mapped[str | None] = mapped_column(String(LONGEST_SKU))
    """The article number, in one spelling."""
    name: Mapped[str | None] = mapped_column(String(LONGEST_ITEM))
    """As the receipt calls it."""
    milli: Mapped[BigId]
    """How much of it, in thousandths."""
    price: Mapped[BigId | None]
    """Of one, in hundredths; None where nobody said."""


class Refund(Base):
    """A part of what was paid, or all of it, was given back."""

    __tablename__ = "refunds"
    __table_args__ = (CheckConstraint("amount > 0", name="amount"),)

    purchase_id: Mapped[BigId] = mapped_column(ForeignKey("purchases.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Of this purchase, from 1 on."""
    amount: Mapped[BigId]
    at: Mapped[datetime]
    operator: Mapped[str] = mapped_column(String(40))
