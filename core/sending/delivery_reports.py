"""Delivery reports (receipts, DLRs): what a platform says later about a text that it took, and what follows from it.

Platforms know a text by ids of theirs, kept when they take it, and found when a report names one. An SMSC may write one
and the same number as 00B8BF8C when it takes a text and as 12107660 in the report. So where a platform is known to do
so (``SendingAccount.ids_by_value``, ``DeliveryReport.by_value``) ids are compared by value, never by width.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement, delete, or_, select, tuple_
from sqlalchemy.orm import Session, sessionmaker

from core import bulk, database
from core.blame import Unavailable, is_worlds, may_pass_when_retried
from core.consent import Refusal, keep_refusals, lock_persons
from core.database import Moved
from core.models import Address, BroadcastMember, OutboundJob, Outbox, Receipt, Touch
from core.models.base import table_of
from core.sending.broadcasts import note_reports
from core.sending.jobs import CUT, JobKey, Sent, lock_dispatches, write_delivered
from core.sending.outbound import STALE, Category, Delivered, SendingAccount, dispatch_id, read_dispatch_id

log = structlog.get_logger()

STRAY = timedelta(days=2)
"""So long a report waits for its text; an id that comes again later is another text's."""
_KEPT = timedelta(days=30)
_TRIES = 3
_SAID = "receipt:"
_RECEIPTS = table_of(Receipt)

PlatformId = tuple[str, str, str]
"""Channel, account, and an id or what it amounts to."""


class DeliveryStatus(StrEnum):
    """What became of a text after the platform took it."""

    ON_ITS_WAY = "on_its_way"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """One report of one account. It names the text by the platform's id of a part, or by ours, or by both."""

    channel: str
    account: str
    status: DeliveryStatus
    external_ids: tuple[str, ...] = ()
    """The platform's one id as the report spells it, likeliest first."""
    dispatch: str | None = None
    """Our id, ``OutboundMessage.id``, where the platform returns what it was told."""
    error: str | None = None
    """The platform's code, never a text."""
    unreachable: bool = False
    """The player cannot be reached any more."""
    unwanted: bool = False
    """The player told the platform to let nothing of ours through: a wish as good as STOP."""
    at: datetime | None = None
    """When the platform says that this happened, where it does; else it counts as of when we hear of it."""
    by_value: bool = False
    """The platform may have spelt the id differently when it took the text."""


_HEX, _DECIMAL = re.compile(r"(?:0X)?([0-9A-F]{1,64})"), re.compile(r"[0-9]{1,64}")


def value_of(name: str) -> str:
    """``name`` without what says nothing: capitals, and zeros in front of a number."""
    upper = name.upper()
    found = _HEX.fullmatch(upper)
    return (found[1].lstrip("0") or "0") if found else upper


def readings(name: str) -> list[str]:
    """The values of ids that ``name`` may stand for, likeliest first: the same digits, the same number in another base.

    If one of them is the value of another id, then the value of ``name`` is among the readings of that.
    """
    value = value_of(name)
    found = [value]
    if _DECIMAL.fullmatch(value):
        found.append(f"{int(value):X}")
    if _HEX.fullmatch(value):
        found.append(str(int(value, 16)))
    return list(dict.fromkeys(found))


class Told(NamedTuple):
    """What is said of a text."""

    key: JobKey
    status: DeliveryStatus
    error: str | None
    unreachable: bool
    """The player cannot be reached any more."""
    unwanted_at: datetime | None
    """When the player wished to hear nothing, where that is why."""


def take_reports_safely(sessions: sessionmaker[Session], reports: Sequence[DeliveryReport], at: datetime) -> None:
    """Write down ``reports``; the same again changes nothing.

    One that can never be written is logged and let go, or the platform would send it for ever. Raises Unavailable
    when all should be sent again.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            take_reports(sessions, reports, at)
        except Exception as error:
            if may_pass_when_retried(error) and tries_left:
                continue
            if is_worlds(error) or isinstance(error, Moved):
                raise Unavailable(f"the database does not answer: {type(error).__name__}") from error
            if len(reports) == 1:
                log.exception("receipt.failed", channel=reports[0].channel, account=reports[0].account)
                return
            break
        else:
            return
    middle = len(reports) // 2
    take_reports_safely(sessions, reports[:middle], at)
    take_reports_safely(sessions, reports[middle:], at)


def take_reports(sessions: sessionmaker[Session], received: Sequence[DeliveryReport], at: datetime) -> int:
    """Write down ``received``, in a number of queries that does not depend on how many; returns how many told news.

    The same report again changes nothing. One that names no text that we know is kept: the answer to the send may
    come later. Raises Moved when it came at this moment: taken again, the reports find it.
    """
    with sessions.begin() as session:
        known, early = _Known(session, received), dict[PlatformId, dict[str, object]]()
        told = [one for each in received if (one := _taken_down(known, early, each, at)) is not None]
        session.flush()
        made = bulk.claim(session, _RECEIPTS, [early[key] for key in sorted(early)], _RECEIPTS.c.external_id)
        if len(made) < len(early):
            raise Moved("a text was given its id meanwhile")
        apply(session, told, at)
        return len(told)


def forget_strays(sessions: sessionmaker[Session], at: datetime) -> int:
    """Forget reports that named no text of ours within two days, and what texts of a month ago were called."""
    stray = Receipt.address_key.is_(None) & (Receipt.at < at - STRAY)
    with sessions.begin() as session:
        gone = session.execute(delete(Receipt).where(stray | (Receipt.at < at - _KEPT)).returning(Receipt.external_id))
        return len(gone.all())


def note_ids(session: Session, outlet: SendingAccount, sent: Sequence[Sent], at: datetime) -> list[Told]:
    """Keep what the platform calls the texts of ``sent``; returns what reports had said of them before."""
    named = {
        name: taken.key for taken, outcome in sent if isinstance(outcome, Delivered) for name in outcome.external_ids
    }
    by_value = outlet.ids_by_value
    rows = [
        _receipt_row((outlet.channel, outlet.account, name), named[name], at, by_value=by_value)
        for name in sorted(named)
    ]
    made = {row[0] for row in bulk.claim(session, _RECEIPTS, rows, _RECEIPTS.c.external_id)}
    early = sorted(named.keys() - made)
    values = sorted({value for name in made for value in readings(name)}) if by_value else []
    if not early and not values:
        return []
    mine = (Receipt.channel == outlet.channel) & (Receipt.account == outlet.account)
    which = or_(Receipt.external_id.in_(early), Receipt.value.in_(values) & Receipt.address_key.is_(None))
    found = session.scalars(database.locked(select(Receipt).where(mine, which), Receipt.external_id, Receipt)).all()
    owners = {name: name for name in early} | _owners(made, [row for row in found if row.external_id not in named])
    told: list[Told] = []
    for row in found:
        if row.external_id not in owners:
            continue
        key = named[owners[row.external_id]]
        if row.address_key is not None and (row.address_key, row.sequence) != key:  # the platform began anew
            row.fate, row.error, row.gone, row.at = DeliveryStatus.ON_ITS_WAY.value, None, False, at
            row.unwanted_at = None
        row.address_key, row.sequence = key
        told.append(Told(key, DeliveryStatus(row.fate), row.error, row.gone, row.unwanted_at))
    session.flush()
    return told


def apply(session: Session, told: Sequence[Told], at: datetime) -> None:
    """Let what reports say take effect: what arrived is delivered, what failed is dead, who has gone is gone."""
    if not told:
        return
    refused = said_unwanted(told)
    addresses = lock_persons(session, {key for key, _ in said_gone(told)}, {key for key, _ in refused})
    keep_refusals(session, addresses, _once_said(session, refused))
    _mark_gone(session, said_gone(told))
    failed = {one.key: one.error for one in told if one.status is DeliveryStatus.FAILED}
    arrived = {one.key for one in told if one.status is DeliveryStatus.DELIVERED} - failed.keys()
    wanted = sorted(arrived | failed.keys())
    if not wanted:
        return
    still = {(one.address_key, one.sequence): one for one in lock_dispatches(session, wanted)}
    for key, one in still.items():
        if key in failed:
            one.state, one.taken_at, one.error = "dead", None, f"{_SAID}{failed[key]}"
    session.flush()
    note_reports(session, arrived, failed)
    write_delivered(session, [one for key, one in still.items() if key in arrived and not _stays(one)])
    _bring_back(session, {key: error for key, error in failed.items() if key not in still}, at)


def failed_later(dispatch: OutboundJob) -> bool:
    """Whether a report says that the text, or a part of it, never arrived: none of another part undoes that."""
    return dispatch.state == "dead" and (dispatch.error or "").startswith(_SAID)


def said_gone(told: Iterable[Told]) -> set[JobKey]:
    """The texts whose players cannot be reached any more, as ``told`` says."""
    return {one.key for one in told if one.unreachable and one.status is DeliveryStatus.FAILED}


def said_unwanted(told: Iterable[Told]) -> dict[JobKey, datetime]:
    """The texts whose players wished to hear nothing, as ``told`` says, and since when; of several parts the first."""
    refused = dict[JobKey, datetime]()
    for one in told:
        if one.unwanted_at is not None:
            refused[one.key] = min(refused.get(one.key, one.unwanted_at), one.unwanted_at)
    return refused


_FINAL = {DeliveryStatus.DELIVERED, DeliveryStatus.FAILED}


class _Known:
    """What is kept of the ids that some reports name, locked: as they spell them, or by value where that counts.

    Every id is one of the account that reports it, ours too: what another account says of a text says nothing.
    """

    def __init__(self, session: Session, received: Sequence[DeliveryReport]) -> None:
        self._exact: dict[PlatformId, Receipt] = {}
        self._alike: dict[PlatformId, list[Receipt]] = {}
        self._accounts = _accounts_of(session, received)
        asked: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        for each in received:
            names, values = asked.setdefault((each.channel, each.account), (set(), set()))
            names.update(each.external_ids)
            values.update(_values(each))
        which = [_which(*account, *ids) for account, ids in sorted(asked.items()) if ids[0]]
        if not which:
            return
        mine = select(Receipt).where(or_(*which)).order_by(Receipt.channel, Receipt.account)
        for row in session.scalars(database.locked(mine, Receipt.external_id, Receipt)):
            self._exact[row.channel, row.account, row.external_id] = row
            if row.value is not None and row.address_key is not None:
                self._alike.setdefault((row.channel, row.account, row.value), []).append(row)

    def named(self, each: DeliveryReport) -> list[Receipt]:
        """The rows of its very names."""
        places = ((each.channel, each.account, name) for name in each.external_ids)
        return [row for place in places if (row := self._exact.get(place)) is not None]

    def of_text(self, each: DeliveryReport) -> Receipt | None:
        """The row of the one text that ``each`` is about: by its very name, else by value, the newest of equals."""
        exact = next((row for row in self.named(each) if row.address_key is not None), None)
        if exact is not None and exact.value is not None:
            return exact
        for value in _values(each):
            if rows := self._alike.get((each.channel, each.account, value)):
                newest = max(rows, key=lambda row: (row.at, row.external_id))
                return newest if exact is None or exact.at < newest.at - STRAY else exact
        return exact

    def named_by_us(self, each: DeliveryReport) -> JobKey | None:
        """The text of that account that ``each`` names by our own id."""
        key = read_dispatch_id(each.dispatch) if each.dispatch is not None else None
        return key if key is not None and self._accounts.get(key[0]) == (each.channel, each.account) else None

    def is_known(self, place: PlatformId) -> bool:
        """Whether there is a row of that very name."""
        return place in self._exact


def _accounts_of(session: Session, received: Sequence[DeliveryReport]) -> Mapping[bytes, tuple[str, str]]:
    """By whose account we speak to the addresses that some reports name by our own ids. No query where none does."""
    named = {key[0] for each in received if each.dispatch and (key := read_dispatch_id(each.dispatch)) is not None}
    if not named:
        return {}
    found = session.execute(select(Address.key, Address.channel, Address.account).where(Address.key.in_(sorted(named))))
    return {key: (channel, account) for key, channel, account in found}


def _which(channel: str, account: str, names: Collection[str], values: Collection[str]) -> ColumnElement[bool]:
    by_name = Receipt.external_id.in_(sorted(names))
    mine = (Receipt.channel == channel) & (Receipt.account == account)
    return mine & (or_(by_name, Receipt.value.in_(sorted(values))) if values else by_name)


def _values(each: DeliveryReport) -> list[str]:
    """What the id of the text that ``each`` is about may amount to, likeliest first."""
    if not each.by_value:
        return []
    return list(dict.fromkeys(value for name in each.external_ids for value in readings(name)))


def _taken_down(
    known: _Known, early: dict[PlatformId, dict[str, object]], each: DeliveryReport, at: datetime
) -> Told | None:
    refused_at = _refused_at(each, at)
    said = {"fate": each.status.value, "error": each.error, "gone": each.unreachable, "unwanted_at": refused_at}
    named, row = known.named(each), known.of_text(each)
    if row is not None and row.address_key is not None and row.sequence is not None:
        key = row.address_key, row.sequence
        news = _news(row, each, refused_at)
        if each.by_value and not named:  # from now on that name is this text's, and no other's
            place = each.channel, each.account, each.external_ids[0]
            early[place] = {**_receipt_row(place, key, at, by_value=False), **said}
        _give([one for one in named if one.address_key is None], each, key, refused_at)
        return Told(key, each.status, each.error, each.unreachable, refused_at) if news else None
    told = known.named_by_us(each)
    _give(named, each, told, refused_at)
    spelled = {value_of(name) if each.by_value else name: name for name in reversed(each.external_ids)}
    for name in spelled.values():
        place = each.channel, each.account, name
        if not known.is_known(place) and (place not in early or early[place]["fate"] == DeliveryStatus.ON_ITS_WAY):
            early[place] = {**_receipt_row(place, told, at, by_value=each.by_value), **said}
    return Told(told, each.status, each.error, each.unreachable, refused_at) if told is not None else None


def _refused_at(each: DeliveryReport, at: datetime) -> datetime | None:
    """When the player wished to hear nothing, if ``each`` says so; no platform's clock is ahead of ours."""
    return min(each.at or at, at) if each.unwanted and each.status is DeliveryStatus.FAILED else None


def _give(strays: Sequence[Receipt], each: DeliveryReport, key: JobKey | None, refused_at: datetime | None) -> None:
    """Say of ``strays``, which nobody knew, what ``each`` says, and whose they are."""
    for stray in strays:
        _news(stray, each, refused_at)
        stray.address_key, stray.sequence = key or (None, None)


def _news(row: Receipt, each: DeliveryReport, refused_at: datetime | None) -> bool:
    """Write into ``row`` what ``each`` says, unless its fate was settled before."""
    if DeliveryStatus(row.fate) in _FINAL:
        return False
    row.fate, row.error, row.gone = each.status.value, each.error, each.unreachable
    row.unwanted_at = refused_at
    return True


def _stays(dispatch: OutboundJob) -> bool:
    """Whether it is still to be delivered, though a report says that it, or what stood for it, arrived."""
    return failed_later(dispatch) or dispatch.error == CUT


def _once_said(session: Session, refused: Mapping[JobKey, datetime]) -> list[Refusal]:
    """``refused``, none of it before its text was said, and nothing that never was."""
    if not refused:
        return []
    statement = select(Outbox.address_key, Outbox.sequence, Outbox.said_at)
    rows = session.execute(statement.where(tuple_(Outbox.address_key, Outbox.sequence).in_(sorted(refused))))
    return [
        Refusal(key, dispatch_id(key, sequence), max(refused[key, sequence], said_at))
        for key, sequence, said_at in rows
    ]


def _mark_gone(session: Session, keys: Collection[JobKey]) -> None:
    """Note who has gone, but for those who spoke after the text was said: what comes late tells of before."""
    if not keys:
        return
    place = tuple_(Outbox.address_key, Outbox.sequence)
    silent = (
        select(Address, Outbox.said_at)
        .join(Outbox, Outbox.address_key == Address.key)
        .where(place.in_(sorted(keys)), Address.heard_at <= Outbox.said_at)
    )
    for address, said_at in session.execute(database.locked(silent, Address.key, Address)):
        address.gone_at = address.gone_at or said_at
    session.flush()


_its_member = (
    (BroadcastMember.address_key == Outbox.address_key)
    & (BroadcastMember.sequence == Outbox.sequence)
    & BroadcastMember.sequence.is_not(None)
)


def _bring_back(session: Session, failed: dict[JobKey, str | None], at: datetime) -> None:
    """Show operators texts that counted as delivered, and did not arrive."""
    if not failed:
        return
    place = tuple_(Outbox.address_key, Outbox.sequence)
    statement = (
        select(Outbox, Address.channel, Address.account, Touch, BroadcastMember.broadcast_id)
        .join(Address, Address.key == Outbox.address_key)
        .outerjoin(Touch, (Touch.address_key == Outbox.address_key) & (Touch.sequence == Outbox.sequence))
        .outerjoin(BroadcastMember, _its_member)
        .where(place.in_(sorted(failed)), Outbox.state == "sent")
    )
    for text, channel, account, touch, broadcast_id in session.execute(statement).all():
        text.state, category = "queued", Category(text.category)
        session.add(
            OutboundJob(
                address_key=text.address_key,
                sequence=text.sequence,
                ref=text.ref,
                part=text.part,
                channel=channel,
                account=account,
                category=int(category),
                campaign_id=touch and touch.campaign_id,
                job=touch and touch.job,
                scheduled_at=touch and touch.scheduled_at,
                broadcast_id=broadcast_id,
                capped=False,
                state="dead",
                due_at=at,
                expires_at=text.said_at + STALE if category.unasked else None,
                tries=1,
                taken_at=None,
                by_right=None,
                error=f"{_SAID}{failed[text.address_key, text.sequence]}",
            )
        )
    session.flush()


def _owners(names: Collection[str], strays: Sequence[Receipt]) -> dict[str, str]:
    """Which of ``names`` each of ``strays`` is about, by value: the likeliest, and of one text the likeliest only."""
    pairs = sorted(
        (readings(name).index(row.value), name, row.external_id)
        for row in strays
        for name in names
        if row.value is not None and row.value in readings(name)
    )
    owners, ranks = dict[str, str](), dict[str, int]()
    for rank, name, stray in pairs:
        if stray not in owners and ranks.setdefault(name, rank) == rank:
            owners[stray] = name
    return owners


def _receipt_row(place: PlatformId, key: JobKey | None, at: datetime, *, by_value: bool) -> dict[str, object]:
    """The row of the id at ``place``, which is the text ``key``'s as far as that is known."""
    channel, account, name = place
    return {
        "channel": channel,
        "account": account,
        "external_id": name,
        "address_key": key[0] if key else None,
        "sequence": key[1] if key else None,
        "fate": DeliveryStatus.ON_ITS_WAY.value,
        "error": None,
        "gone": False,
        "unwanted_at": None,
        "at": at,
        "value": value_of(name) if by_value else None,
    }
