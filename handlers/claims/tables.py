"""What players win or buy and how it reaches them: gifts, claims, vouchers, second draws of what nobody claimed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, KeyedHash, Word


class Claim(Base):
    """How one prize or gift reaches its player, once per ``ref`` (the transfer that handed the piece out).

    ``state``: "open" waits for the player (details, or picking it up), "ready" for the organiser (approval, shipping,
    a voucher), "shipped" is on its way; "received", "lapsed" and "cancelled" are final. What needs approval cannot
    leave before two different operators gave it.
    """

    __tablename__ = "claims"
    __table_args__ = (
        UniqueConstraint("player_id", "ref"),
        CheckConstraint("source IN ('draw', 'second', 'gift')", name="source"),
        CheckConstraint("kind IN ('delivery', 'voucher', 'counter', 'points')", name="kind"),
        CheckConstraint("state IN ('open', 'ready', 'shipped', 'received', 'lapsed', 'cancelled')", name="state"),
        CheckConstraint(
            "NOT needs_approval OR second_approver IS NOT NULL OR state NOT IN ('shipped', 'received')",
            name="approved",
        ),
        CheckConstraint("second_approver IS NULL OR first_approver <> second_approver", name="two_approvers"),
        CheckConstraint("second_approver IS NULL OR first_approver IS NOT NULL", name="first_approver"),
        Index("ix_claims_campaign_id", "campaign_id", "state"),
        Index("uq_claims_id", "id", unique=True),
        Index(
            "ix_claims_waiting",
            "id",
            postgresql_where=text("kind = 'voucher' AND state = 'ready'"),
            sqlite_where=text("kind = 'voucher' AND state = 'ready'"),
        ),
        Index(
            "uq_claims_pickup_hash",
            "pickup_hash",
            unique=True,
            postgresql_where=text("pickup_hash IS NOT NULL"),
            sqlite_where=text("pickup_hash IS NOT NULL"),
        ),
    )

    player_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    source: Mapped[Word]
    ref: Mapped[str] = mapped_column(String(120))
    item: Mapped[Word]
    """The name of the prize or gift."""
    price: Mapped[BigId]
    """Points that were spent on it, given back when it lapses or is cancelled."""
    points: Mapped[BigId]
    """What a claim of points credits, as promised when it was opened."""
    kind: Mapped[Word]
    state: Mapped[Word]
    details_sealed: Mapped[bytes | None]
    """Name, phone and address as far as they are known: JSON, sealed."""
    revision: Mapped[int]
    """How often the details were confirmed or changed after that; 0 until the first time."""
    exported_revision: Mapped[int | None]
    """The revision that the warehouse was given last."""
    carrier: Mapped[str | None] = mapped_column(String(80))
    tracking: Mapped[str | None] = mapped_column(String(80))
    pickup_hash: Mapped[KeyedHash | None]
    """Of the code that is shown at the counter, for good: the state says whether it works."""
    handed_by: Mapped[Word | None]
    """The operator who handed it over at the counter."""
    needs_approval: Mapped[bool]
    first_approver: Mapped[Word | None]
    second_approver: Mapped[Word | None]
    opened_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class Voucher(Base):
    """One voucher of a prize or gift, imported or generated; handed to one claim at most."""

    __tablename__ = "vouchers"
    __table_args__ = (
        Index(
            "ix_vouchers_free",
            "campaign_id",
            "item",
            "hash",
            postgresql_where=text("claim_id IS NULL"),
            sqlite_where=text("claim_id IS NULL"),
        ),
        Index(
            "uq_vouchers_claim_id",
            "claim_id",
            unique=True,
            postgresql_where=text("claim_id IS NOT NULL"),
            sqlite_where=text("claim_id IS NOT NULL"),
        ),
    )

    hash: Mapped[KeyedHash] = mapped_column(primary_key=True)
    """Blind index of campaign, item and code: no voucher can be taken in twice."""
    campaign_id: Mapped[int]
    item: Mapped[Word]
    code_sealed: Mapped[bytes]
    claim_id: Mapped[BigId | None]
    handed_at: Mapped[datetime | None]


class SecondDraw(Base):
    """A prize that nobody claimed was drawn again among the codes that won nothing.

    The winner is the first such code from ``mark`` on, in the circle of all code hashes; the mark follows from the
    campaign's seed and the lapsed claim.
    """

    __tablename__ = "second_draws"
    __table_args__ = (
        Index(
            "uq_second_draws_code_hash",
            "code_hash",
            unique=True,
            postgresql_where=text("code_hash IS NOT NULL"),
            sqlite_where=text("code_hash IS NOT NULL"),
        ),
    )

    player_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    claim_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    """The claim that lapsed."""
    campaign_id: Mapped[int]
    prize: Mapped[Word]
    mark: Mapped[KeyedHash]
    code_hash: Mapped[KeyedHash | None]
    """The code that won; None when there was none, and the piece went back to stock."""
    winner_id: Mapped[BigId | None]
    at: Mapped[datetime]


class WinnerRecord(Base):
    """Who won a prize and had it, of a person who was erased: what the law wants to be shown for a time, and no more.

    No row of the person leads here, and nothing else of the product reads it.
    """

    __tablename__ = "winner_records"

    claim_id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    item: Mapped[Word]
    winner_sealed: Mapped[bytes]
    """Name and phone: JSON, sealed."""
    won_at: Mapped[datetime] = mapped_column(index=True)
    """How long it stays counts from here."""
