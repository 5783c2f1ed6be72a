"""Note what receipts say of the texts that platforms took, and let it take effect."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session, sessionmaker

from core import bulk, database
from core.models import Address, Dispatch, Outbox, Receipt, Touch
from core.sending.known_ids import RECEIPTS, STRAY, Known, Place, Told, receipt_row
from core.sending.marking import CUT, lock_dispatches, write_delivered
from core.sending.outbound import STALE
from core.sending.receipt_ids import value_of
from core.sending.receipts import Fate
from core.sending.receipts import Receipt as Received
from core.sending.refs import category_of
from core.sending.refusing import keep_refusals, lock_people
from core.sending.taken import Key

_KEPT = timedelta(days=30)
_FINAL = {Fate.DELIVERED, Fate.FAILED}
_SAID = "receipt:"


def take_receipts(sessions: sessionmaker[Session], received: Sequence[Received], at: datetime) -> int:
    """Write down ``received``, in a number of queries that does not depend on how many; returns how many told news.

    The same receipt again changes nothing. One that names no text that we know is kept: the answer to the send may
    come later. Raises Moved when it came at this moment: taken again, the receipts find it.
    """
    with sessions.begin() as session:
        known, early = Known(session, received), dict[Place, dict[str, object]]()
        told = [one for each in received if (one := _taken_down(known, early, each, at)) is not None]
        session.flush()
        made = bulk.claim(session, RECEIPTS, [early[key] for key in sorted(early)], RECEIPTS.c.external_id)
        if len(made) < len(early):
            raise database.Moved("a text was given its id meanwhile")
        apply(session, told, at)
        return len(told)


def _taken_down(known: Known, early: dict[Place, dict[str, object]], each: Received, at: datetime) -> Told | None:
    refused_at = _refused_at(each, at)
    said = {"fate": each.fate.value, "error": each.error, "gone": each.gone, "unwanted_at": refused_at}
    named, row = known.named(each), known.of_text(each)
    if row is not None and row.address_key is not None and row.sequence is not None:
        key = row.address_key, row.sequence
        news = _news(row, each, refused_at)
        if each.by_value and not named:  # from now on that name is this text's, and no other's
            place = each.channel, each.account, each.external_ids[0]
            early[place] = {**receipt_row(place, key, at, by_value=False), **said}
        _give([one for one in named if one.address_key is None], each, key, refused_at)
        return Told(key, each.fate, each.error, each.gone, refused_at) if news else None
    told = known.named_by_us(each)
    _give(named, each, told, refused_at)
    spelled = {value_of(name) if each.by_value else name: name for name in reversed(each.external_ids)}
    for name in spelled.values():
        place = each.channel, each.account, name
        if not known.is_known(place) and (place not in early or early[place]["fate"] == Fate.ON_ITS_WAY):
            early[place] = {**receipt_row(place, told, at, by_value=each.by_value), **said}
    return Told(told, each.fate, each.error, each.gone, refused_at) if told is not None else None


def _refused_at(each: Received, at: datetime) -> datetime | None:
    """When the player wished to hear nothing, if ``each`` says so; no platform's clock is ahead of ours."""
    return min(each.at or at, at) if each.unwanted and each.fate is Fate.FAILED else None


def _give(strays: Sequence[Receipt], each: Received, key: Key | None, refused_at: datetime | None) -> None:
    """Say of ``strays``, which nobody knew, what ``each`` says, and whose they are."""
    for stray in strays:
        _news(stray, each, refused_at)
        stray.address_key, stray.sequence = key or (None, None)


def _news(row: Receipt, each: Received, refused_at: datetime | None) -> bool:
    """Write into ``row`` what ``each`` says, unless its fate was settled before."""
    if Fate(row.fate) in _FINAL:
        return False
    row.fate, row.error, row.gone = each.fate.value, each.error, each.gone
    row.unwanted_at = refused_at
    return True


def apply(session: Session, told: Sequence[Told], at: datetime) -> None:
    """Let what receipts say take effect: what arrived is delivered, what failed is dead, who has gone is gone."""
    if not told:
        return
    refused = said_unwanted(told)
    addresses = lock_people(session, {key for key, _ in said_gone(told)}, {key for key, _ in refused})
    keep_refusals(session, addresses, _once_said(session, refused))
    _mark_gone(session, said_gone(told))
    failed = {one.key: one.error for one in told if one.fate is Fate.FAILED}
    arrived = {one.key for one in told if one.fate is Fate.DELIVERED} - failed.keys()
    wanted = sorted(arrived | failed.keys())
    if not wanted:
        return
    still = {(one.address_key, one.sequence): one for one in lock_dispatches(session, wanted)}
    for key, one in still.items():
        if key in failed:
            one.state, one.taken_at, one.error = "dead", None, f"{_SAID}{failed[key]}"
    session.flush()
    write_delivered(session, [one for key, one in still.items() if key in arrived and not _stays(one)])
    _bring_back(session, {key: error for key, error in failed.items() if key not in still}, at)


def _stays(dispatch: Dispatch) -> bool:
    """Whether it is still to be delivered, though a receipt says that it, or what stood for it, arrived."""
    return failed_later(dispatch) or dispatch.error == CUT


def failed_later(dispatch: Dispatch) -> bool:
    """Whether a receipt says that the text, or a part of it, never arrived: none of another part undoes that."""
    return dispatch.state == "dead" and (dispatch.error or "").startswith(_SAID)


def said_gone(told: Iterable[Told]) -> set[Key]:
    """The texts whose players cannot be reached any more, as ``told`` says."""
    return {one.key for one in told if one.gone and one.fate is Fate.FAILED}


def said_unwanted(told: Iterable[Told]) -> dict[Key, datetime]:
    """The texts whose players wished to hear nothing, as ``told`` says, and since when; of several parts the first."""
    refused = dict[Key, datetime]()
    for one in told:
        if one.unwanted_at is not None:
            refused[one.key] = min(refused.get(one.key, one.unwanted_at), one.unwanted_at)
    return refused


def _once_said(session: Session, refused: Mapping[Key, datetime]) -> dict[Key, datetime]:
    """``refused``, none of it before its text was said, and nothing that never was."""
    if not refused:
        return {}
    statement = select(Outbox.address_key, Outbox.sequence, Outbox.said_at)
    rows = session.execute(statement.where(tuple_(Outbox.address_key, Outbox.sequence).in_(sorted(refused))))
    return {(key, sequence): max(refused[key, sequence], said_at) for key, sequence, said_at in rows}


def _mark_gone(session: Session, keys: Collection[Key]) -> None:
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


def _bring_back(session: Session, failed: dict[Key, str | None], at: datetime) -> None:
    """Show operators texts that counted as delivered, and did not arrive."""
    if not failed:
        return
    place = tuple_(Outbox.address_key, Outbox.sequence)
    statement = (
        select(Outbox, Address.channel, Address.account, Touch)
        .join(Address, Address.key == Outbox.address_key)
        .outerjoin(Touch, (Touch.address_key == Outbox.address_key) & (Touch.sequence == Outbox.sequence))
        .where(place.in_(sorted(failed)), Outbox.state == "sent")
    )
    for text, channel, account, touch in session.execute(statement).all():
        text.state, category = "queued", category_of(text.ref)
        session.add(
            Dispatch(
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


def forget_strays(sessions: sessionmaker[Session], at: datetime) -> int:
    """Forget receipts that named no text of ours within two days, and what texts of a month ago were called."""
    stray = Receipt.address_key.is_(None) & (Receipt.at < at - STRAY)
    with sessions.begin() as session:
        gone = session.execute(delete(Receipt).where(stray | (Receipt.at < at - _KEPT)).returning(Receipt.external_id))
        return len(gone.all())
