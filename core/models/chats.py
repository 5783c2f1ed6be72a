"""Conversations: what was delivered to us (inbox) and what is said (outbox). Texts are ciphertext at rest."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import BY_TIME, Base, KeyedHash, LongText, Word

TEXT_COLUMN, ATTACHMENTS_COLUMN = "inbox.text", "inbox.attachments"
"""What is sealed of a message is bound to, with :func:`row_key`."""


def row_key(key: tuple[bytes, str]) -> bytes:
    """The row part of the associated data of what is sealed for the message of an address and an id."""
    return key[0] + key[1].encode()


class Inbox(Base):
    """One message of one address: the primary key is why a redelivery does nothing."""

    __tablename__ = "inbox"
    __table_args__ = (
        CheckConstraint("state IN ('done', 'failed')", name="state"),
        Index(
            "ix_inbox_failed",
            "received_at",
            postgresql_where=text("state = 'failed'"),
            sqlite_where=text("state = 'failed'"),
        ),
        Index("ix_inbox_received_at", "received_at"),
    )

    address_key: Mapped[KeyedHash] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    body_mac: Mapped[KeyedHash]
    text_sealed: Mapped[bytes]
    attachments_sealed: Mapped[bytes | None]
    """What came along with the words (core.attachments), as JSON; None for nothing."""
    kind: Mapped[Word]
    """How its sender turned to us: core.inbound_kinds.InboundKind."""
    question: Mapped[int | None]
    """The number of the question under which it was tapped; None for one that was typed."""
    thread: Mapped[Word | None]
    """Where within the conversation it was said, such as in a topic of a group, as the platform calls it."""
    withheld: Mapped[bool] = mapped_column(server_default=false())
    """It was not answered, as its sender had been answered too often within the hour, or is blocked."""
    state: Mapped[Word]
    error: Mapped[LongText | None]
    received_at: Mapped[datetime]


class Outbox(Base):
    """One text said to one address, once per ``ref`` and ``part``. It exists if and only if its turn committed.

    ``ref`` says why: "re:" and the external id of the message that it answers, or "notice:" and what happened.
    ``sequence`` orders the texts of one address. ``state`` is "answered" for a text that goes back in the connection
    of its message, or of the one that it was ``carried_by``, "queued" for one that is delivered later, "sent" after
    that.

    "queued" says again that a job of it exists (the audit compares both): the job is gone once it is sent, and whether
    a text went back at once or was sent is asked for weeks later.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('answered', 'queued', 'sent')", name="state"),
        Index(
            "ix_outbox_queued",
            "address_key",
            "sequence",
            postgresql_where=text("state = 'queued'"),
            sqlite_where=text("state = 'queued'"),
        ),
        Index(
            "ix_outbox_carried",
            "address_key",
            "carried_by",
            postgresql_where=text("carried_by IS NOT NULL"),
            sqlite_where=text("carried_by IS NOT NULL"),
        ),
        Index("ix_outbox_said_at", "said_at"),
    )

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    ref: Mapped[str] = mapped_column(String(160), primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    campaign_id: Mapped[int | None]
    """The campaign in which it was said; None for one of none, and for what was said before this was kept."""
    state: Mapped[Word]
    category: Mapped[int]
    """What kind of text it is (core.sending.outbound.Category), as whoever said it says."""
    text_sealed: Mapped[bytes]
    rich_sealed: Mapped[bytes | None]
    """The same where there are buttons and pictures (core.messages.Rich); None when it is the same everywhere."""
    said_at: Mapped[datetime]
    carried_by: Mapped[str | None] = mapped_column(String(128))
    """The external id of the message in whose answer it went back, where it is no answer to that: it had been held."""


class Consent(Base):
    """A player opted out of what is said unasked, or in: when, and by which message of this address. Append-only.

    Which wish counts where follows from these and from the links: core.consent.
    """

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("what IN ('out', 'in')", name="what"),
        Index("ix_consents_at", "at", **BY_TIME),
    )

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    what: Mapped[Word]
    how: Mapped[Word]
    """ "word", "sentence", "start" (the button with which a chat begins), "platform" (which said that it was asked to
    stop), "left" (unfollowed or blocked us), "refused" (the platform takes nothing for this player any more), "back"
    (took a block away), "erased" (with all that was known
    there); before 0.5 also "linked" (to an address that had opted out)."""
    at: Mapped[datetime]


class Permission(Base):
    """A player let us do something with what we know of them, or not any more. Append-only, as wishes are.

    ``kind``: "personalised" texts, or "questions" that nobody asked for. The last one in time counts, for all addresses
    of a person; whoever said nothing has not refused.
    """

    __tablename__ = "permissions"
    __table_args__ = (
        CheckConstraint("kind IN ('personalised', 'questions')", name="kind"),
        CheckConstraint("what IN ('given', 'withdrawn')", name="what"),
    )

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    """Of the message that said so; it stays in the inbox as long as this does."""
    kind: Mapped[Word]
    what: Mapped[Word]
    at: Mapped[datetime]
