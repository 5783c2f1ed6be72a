"""Operators, what they plan, their jobs, and the log of all that they said."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.models.base import Base, BigId, KeyedHash, Word

GIVEN_COLUMN = "plans.given_sealed"
WORDS_COLUMN = "operator_log.words_sealed"
CHANGES_COLUMN = "operator_log.changes_sealed"
JOB_COLUMN, KEPT_COLUMN, ANSWER_COLUMN = "jobs.given_sealed", "jobs.kept_sealed", "jobs.answer_sealed"
REST_COLUMN = "operators.rest_sealed"
_ROLES = "role IN ('owner', 'operator', 'support', 'auditor', 'dealer')"


class Operator(Base):
    """An address that may say verbs. One person may have several, all of one ``name``."""

    __tablename__ = "operators"
    __table_args__ = (CheckConstraint(_ROLES, name="role"),)

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    name: Mapped[Word]
    role: Mapped[Word]
    added_at: Mapped[datetime]
    added_by: Mapped[Word]
    used_at: Mapped[datetime]
    """When a verb was said there last; after a time the role sleeps."""
    removed_at: Mapped[datetime | None]
    rest_sealed: Mapped[bytes | None]
    """What of the last answer was not shown yet."""


class Invitation(Base):
    """A word that makes the address that says it first an operator's."""

    __tablename__ = "operator_invitations"
    __table_args__ = (CheckConstraint(_ROLES, name="role"),)

    word_hash: Mapped[KeyedHash] = mapped_column(primary_key=True)
    name: Mapped[Word]
    role: Mapped[Word]
    made_at: Mapped[datetime]
    made_by: Mapped[Word]
    expires_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    taken_key: Mapped[KeyedHash | None]
    """The address that said it."""


class Plan(Base):
    """What an operator is about to do, and waits to be confirmed; ``word`` is said for that.

    ``state``: "waiting" until ``expires_at``; "done" when it was carried out; "dropped" when it was refused since the
    world had changed, or its operator took it back.
    """

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done', 'dropped')", name="state"),
        CheckConstraint("needs IN ('self', 'second', 'later')", name="needs"),
        Index(
            "ix_plans_word",
            "word",
            unique=True,
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[str] = mapped_column(String(8))
    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"))
    operator: Mapped[Word]
    verb: Mapped[str] = mapped_column(String(80))
    given_sealed: Mapped[bytes]
    """The arguments as they were typed, by name, as JSON."""
    people: Mapped[BigId]
    amount: Mapped[BigId]
    """What the plan said of its reach; when it is carried out it may not be much more."""
    needs: Mapped[Word]
    """Who confirms: the operator, a second one, or the operator from ``ready_at`` on."""
    made_at: Mapped[datetime]
    ready_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    state: Mapped[Word]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[Word | None]


_UNFINISHED = "state IN ('queued', 'running')"


class Job(Base):
    """A verb that lasts, said in a chat: whoever has a clock does it, one at a time, and does it again where that died.

    ``state``: "queued"; "running" while ``worker`` says so again and again; "done"; "refused" where it could not be
    done; "failed" by a fault of ours; "stopped" by an operator.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'refused', 'failed', 'stopped')", name="state"),
        CheckConstraint("(state = 'running') = (worker IS NOT NULL)", name="worker"),
        CheckConstraint("(settled_at IS NULL) = (state IN ('queued', 'running'))", name="settled"),
        CheckConstraint("(file IS NULL) = (file_until IS NULL)", name="file_until"),
        Index("ix_jobs_unfinished", "id", postgresql_where=text(_UNFINISHED), sqlite_where=text(_UNFINISHED)),
        Index("ix_jobs_address_key", "address_key", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"))
    operator: Mapped[Word]
    verb: Mapped[str] = mapped_column(String(80))
    given_sealed: Mapped[bytes]
    """The arguments as they were typed, by name, and the words of the message, as JSON."""
    state: Mapped[Word]
    worker: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    """Drawn anew by each who takes it: nobody else writes what it is about."""
    beats: Mapped[BigId]
    """Grows while somebody is at work on it."""
    begun: Mapped[int]
    """How often it was taken."""
    done: Mapped[BigId]
    total: Mapped[BigId | None]
    """How far it is, and of how much."""
    kept_sealed: Mapped[bytes | None]
    """What its last step kept for the next one, as JSON."""
    answer_sealed: Mapped[bytes | None]
    """What the verb answered, in the operator's language."""
    file: Mapped[str | None] = mapped_column(String(120))
    """The name of what it left to be fetched, while that is there."""
    link_hash: Mapped[KeyedHash | None]
    """Of the one link by which the file may be fetched now; a link works once."""
    file_until: Mapped[datetime | None]
    """When the file goes."""
    link_taken_at: Mapped[datetime | None]
    """When the link gave the file."""
    made_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    stop_asked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class LogEntry(Base):
    """What an operator said, and what came of it, in the transaction of its effect.

    Rows are numbered without a gap, and each ``digest`` is a keyed hash of the row and of the digest before it.
    ``ending``: "done", "planned", "refused" (it could not be done), "denied" (the role may not), "stranger" (no role).
    """

    __tablename__ = "operator_log"
    __table_args__ = (
        CheckConstraint("ending IN ('done', 'planned', 'refused', 'denied', 'stranger')", name="ending"),
        UniqueConstraint("address_key", "external_id"),
        Index("ix_operator_log_at", "at"),
    )

    number: Mapped[BigId] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    operator: Mapped[Word | None]
    role: Mapped[Word | None]
    place: Mapped[str] = mapped_column(String(80))
    """The account where it was said, or "shell"."""
    address_key: Mapped[KeyedHash | None]
    external_id: Mapped[str | None] = mapped_column(String(128))
    """Of the message."""
    verb: Mapped[str] = mapped_column(String(80))
    words_sealed: Mapped[bytes | None]
    """The exact words; None when they were forgotten."""
    words_mac: Mapped[KeyedHash]
    plan_id: Mapped[BigId | None]
    changes_sealed: Mapped[bytes | None]
    """What was changed, before and after, as JSON."""
    changes_mac: Mapped[KeyedHash | None]
    ending: Mapped[Word]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class LogHead(Base):
    """The end of the log: the one row that whoever writes into it locks."""

    __tablename__ = "operator_log_head"
    __table_args__ = (CheckConstraint("id = 1", name="id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[BigId]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class ConsoleLink(Base):
    """A link to the console that was given out: for which campaign, to whom, until when."""

    __tablename__ = "console_links"
    __table_args__ = (CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), index=True)
    made_at: Mapped[datetime]
    made_by: Mapped[Word]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    """When it was taken back."""
    revoked_by: Mapped[Word | None]


class Report(Base):
    """The numbers of a campaign that an operator wants at an address every morning."""

    __tablename__ = "reports"
    __table_args__ = (CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),)

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    minute: Mapped[int]
    """Of the day, in the zone of the campaign."""
    asked_at: Mapped[datetime]
    """What was due by then is not sent."""


class ReportDay(Base):
    """A day of a campaign that an address was told of, in the transaction that put it into the outbox: never twice."""

    __tablename__ = "report_days"

    address_key: Mapped[KeyedHash] = mapped_column(ForeignKey("addresses.key", onupdate="CASCADE"), primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    """In the zone of the campaign."""
    told_at: Mapped[datetime]
