"""Outbound jobs: the texts that are still to be delivered, each a row, and the statements that change their states.

A job is due, sending, held until its player speaks, or settled: dropped, dead, unknown, or sent, and then gone.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    bindparam,
    case,
    delete,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.orm import Session

from core import bulk, database, lists
from core.keys import Keyring
from core.models import Address, Broadcast, CalendarRun, Campaign, OutboundJob, Outbox, Touch
from core.models.base import table_of
from core.models.players import USER_COLUMN
from core.outbox import REPLY_COLUMN, open_rich, reply_row
from core.sending.outbound import (
    Category,
    HeldText,
    OutboundMessage,
    Outcome,
    Right,
    SendingAccount,
    SendMode,
    dispatch_id,
)

JobKey = tuple[bytes, int]
"""Primary key of what is to be delivered: address and sequence number."""


class ClaimedJob(NamedTuple):
    """One job that this process sends now, its text sealed. ``taken_at`` tells this try from any other."""

    address_key: bytes
    sequence: int
    taken_at: datetime
    ref: str
    part: int
    text_sealed: bytes
    rich_sealed: bytes | None
    user_sealed: bytes
    said_at: datetime
    language: str | None
    category: Category
    campaign_id: int | None = None
    expires_at: datetime | None = None
    job: str | None = None
    scheduled_at: datetime | None = None
    person: bytes | None = None
    """Whose address it is, when it was linked to others."""
    said_count: int = 0
    """Of its address."""
    refused: Right | None = None
    """The right by which the platform did not take it."""
    cut: bool = False
    """A part of it was said by a notice that had no room for more."""
    thread: str | None = None
    """Where within the conversation the message was said that it answers."""
    broadcast_id: int | None = None
    capped: bool = False
    """It was put off once as its player had heard enough."""
    mode: SendMode = SendMode.PLAIN
    template: str | None = None
    right: Right | None = None
    """Which right it took up, where the platform counts them."""

    @property
    def key(self) -> JobKey:
        """Which text it is."""
        return self.address_key, self.sequence

    @property
    def id(self) -> str:
        """What logs, operators and platforms know it by."""
        return dispatch_id(self.address_key, self.sequence)

    def open(self, outlet: SendingAccount, keys: Keyring) -> OutboundMessage:
        """The message for the adapter. Raises KeysUnusable."""
        row = reply_row(self.address_key, self.ref, self.part)
        return OutboundMessage(
            self.id,
            outlet.channel,
            outlet.account,
            keys.unseal(USER_COLUMN, self.address_key, self.user_sealed),
            keys.unseal(REPLY_COLUMN, row, self.text_sealed),
            self.said_at,
            self.language or "zh",
            self.category,
            open_rich(keys, row, self.rich_sealed),
            self.mode,
            self.template,
            self.expires_at,
            self.thread,
        )


Sent = tuple[ClaimedJob, Outcome]
"""One try, and what became of it."""


class WaitingJob(NamedTuple):
    """A job that is judged before its turn comes, by what it says of itself: one that nobody asked for, or held."""

    address_key: bytes
    sequence: int
    category: Category
    campaign_id: int | None
    expires_at: datetime | None
    user_sealed: bytes
    cut: bool | None
    """Like that of :class:`ClaimedJob`."""
    broadcast_id: int | None = None
    capped: bool = False
    """Like that of :class:`ClaimedJob`."""

    @property
    def key(self) -> JobKey:
        """Which text it is."""
        return self.address_key, self.sequence


# Spelt out, for the indexes that hold only these.
DUE: ColumnElement[str] = literal_column("'due'")
SENDING: ColumnElement[str] = literal_column("'sending'")

CUT = "cut"
"""The ``error`` of a text of which a notice had room for a part only."""

_TABLE = table_of(OutboundJob)
_TOUCHES = table_of(Touch)
_KEY = tuple_(_TABLE.c.address_key, _TABLE.c.sequence)
_AT = bindparam("at", type_=_TABLE.c.taken_at.type)
_UNWELCOME = (
    select(Address.key)
    .where(
        Address.key == _TABLE.c.address_key,
        or_(
            Address.gone_at.is_not(None),
            or_(Address.opted_out_at.is_not(None), Address.blocked_at.is_not(None))
            & (_TABLE.c.category >= int(Category.REMINDER)),
        ),
    )
    .exists()
)
_STOPPED = _TABLE.c.job.is_not(None) & (
    select(CalendarRun.job)
    .where(
        CalendarRun.campaign_id == _TABLE.c.campaign_id,
        CalendarRun.job == _TABLE.c.job,
        CalendarRun.scheduled_at == _TABLE.c.scheduled_at,
        CalendarRun.state == "stopped",
    )
    .exists()
)
_BROADCAST_STOPPED = _TABLE.c.broadcast_id.is_not(None) & (
    select(Broadcast.id).where(Broadcast.id == _TABLE.c.broadcast_id, Broadcast.state == "stopped").exists()
)
_OVER = (_TABLE.c.category >= int(Category.NUDGE)) & (
    select(Campaign.id)
    .where(Campaign.id == _TABLE.c.campaign_id, or_(Campaign.state == "ended", Campaign.closes_at <= _AT))
    .exists()
)
TOO_LATE = case(
    (_STOPPED, literal("stopped")),
    (_BROADCAST_STOPPED, literal("stopped")),
    (_OVER, literal("campaign_over")),
    (_TABLE.c.expires_at <= _AT, literal("expired")),
)
"""Why nobody needs a text any more, whatever its player does; NULL when somebody may."""
WHY_NOT = case((_UNWELCOME, literal("unwelcome")), else_=TOO_LATE)
"""Why a text is needless; NULL when it may go."""


_MARK = (
    update(_TABLE)
    .where(lists.among_rows((_TABLE.c.address_key, _TABLE.c.sequence), "keys"))
    .values(
        state=case((WHY_NOT.is_(None), literal("sending")), else_=literal("dropped")),
        taken_at=case((WHY_NOT.is_(None), _AT), else_=null()),
        error=func.coalesce(WHY_NOT, _TABLE.c.error),
        tries=_TABLE.c.tries + 1,
    )
    .returning(_TABLE.c.address_key, _TABLE.c.sequence, _TABLE.c.state)
)
_NAMED = database.locked(
    select(OutboundJob)
    .where(lists.among_rows((OutboundJob.address_key, OutboundJob.sequence), "keys"))
    .order_by(OutboundJob.address_key),
    OutboundJob.sequence,
    OutboundJob,
)
_SENT = (
    update(table_of(Outbox))
    .where(lists.among_rows((table_of(Outbox).c.address_key, table_of(Outbox).c.ref, table_of(Outbox).c.part), "said"))
    .values(state="sent")
)
_GONE = delete(_TABLE).where(lists.among_rows((_TABLE.c.address_key, _TABLE.c.sequence), "keys"))


def mark_sending(session: Session, candidates: Sequence[ClaimedJob], at: datetime) -> set[JobKey]:
    """Mark ``candidates`` as on their way, and return the keys of those that are.

    The same statement looks whether the player has opted out, is blocked, or has gone, whether the announcement was
    stopped, the campaign is over or the text is out of date, and drops it instead.
    """
    if not candidates:
        return set()
    marked = session.connection().execute(_MARK, {"keys": [each.key for each in candidates], "at": at})
    going = {(row[0], row[1]) for row in marked if row[2] == "sending"}
    marketing = (each for each in candidates if each.category is Category.MARKETING and each.key in going)
    touched = sorted(marketing, key=lambda each: each.key)
    bulk.claim(session, _TOUCHES, [_touch(each) for each in touched], _TOUCHES.c.sequence)
    return going


def _touch(taken: ClaimedJob) -> dict[str, object]:
    return {
        "address_key": taken.address_key,
        "sequence": taken.sequence,
        "campaign_id": taken.campaign_id,
        "job": taken.job,
        "scheduled_at": taken.scheduled_at,
        "at": taken.taken_at,
        "said_count": taken.said_count,
    }


def untouch(session: Session, keys: Collection[JobKey]) -> None:
    """These marketing texts were not taken by the platform after all."""
    if keys:
        session.connection().execute(delete(_TOUCHES).where(tuple_(*_TOUCHES.primary_key.columns).in_(sorted(keys))))


def mark_held(session: Session, keys: Collection[JobKey]) -> None:
    """Hold these until their players speak."""
    if keys:
        session.connection().execute(update(_TABLE).where(_KEY.in_(sorted(keys))).values(state="held"))


def put_off(session: Session, keys: Collection[JobKey], until: datetime, error: str) -> None:
    """Let these be due at ``until``, as ``error`` says; what was cut stays so, or a notice would cut it again."""
    if keys:
        still = case((_TABLE.c.error == CUT, literal(CUT)), else_=literal(error))
        session.connection().execute(update(_TABLE).where(_KEY.in_(sorted(keys))).values(due_at=until, error=still))


def note_rights(session: Session, going: Sequence[ClaimedJob]) -> None:
    """Write down by which right each of these goes, where rights are counted."""
    rights = sorted((*each.key, each.right) for each in going)
    rows = [{"address_key": key, "sequence": number, "by_right": right} for key, number, right in rights]
    bulk.change(session, _TABLE, rows)


class PutOff(NamedTuple):
    """A text that has to wait, until when and why."""

    key: JobKey
    until: datetime
    why: str
    capped: bool = False
    """Its player has heard enough, or had when it was put off before."""


def put_off_each(session: Session, waits: Sequence[PutOff]) -> None:
    """Let each of these be due when it says. One statement."""
    rows = [
        {
            "address_key": each.key[0],
            "sequence": each.key[1],
            "due_at": each.until,
            "error": each.why,
            "capped": each.capped,
        }
        for each in sorted(waits)
    ]
    bulk.change(session, _TABLE, rows)


def drop(session: Session, keys: Collection[JobKey], error: str) -> None:
    """Drop these, whose rows are locked, for a reason that no statement sees by itself."""
    if keys:
        session.connection().execute(_DROPPED, {"keys": sorted(keys), "why": error})


_DROPPED = (
    update(_TABLE)
    .where(lists.among_rows((_TABLE.c.address_key, _TABLE.c.sequence), "keys"))
    .values(state="dropped", error=bindparam("why"))
)


def lock_dispatches(session: Session, keys: Sequence[JobKey]) -> Sequence[OutboundJob]:
    """Those of ``keys`` that are still to be delivered, locked."""
    return session.scalars(_NAMED, {"keys": list(keys)}).all()


def write_carried(session: Session, carried: Sequence[tuple[HeldText, str]]) -> None:
    """These texts, whose dispatches are locked, are said in the answers to these messages; nothing is left to do."""
    if not carried:
        return
    rides = sorted((each.address_key, each.ref, each.part, by) for each, by in carried)
    said = [{"address_key": key, "ref": ref, "part": part, "carried_by": by} for key, ref, part, by in rides]
    bulk.change(session, table_of(Outbox), [{**each, "state": "answered"} for each in said])
    session.connection().execute(_GONE, {"keys": [(each.address_key, each.sequence) for each, _ in carried]})


def write_delivered(session: Session, delivered: Sequence[OutboundJob]) -> None:
    """These texts, whose dispatches are locked, were sent, and nothing of them is left to be delivered."""
    if not delivered:
        return
    said = [(one.address_key, one.ref, one.part) for one in delivered]
    session.connection().execute(_SENT, {"said": said})
    session.connection().execute(_GONE, {"keys": [(one.address_key, one.sequence) for one in delivered]})
