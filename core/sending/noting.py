"""Note: what platforms call the texts that they took, so that receipts find them, and what receipts say of them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session, sessionmaker

from core import bulk, database
from core.follow_ups.speaking import duty_of
from core.models import Address, Dispatch, Outbox, Receipt
from core.models.base import table_of
from core.sending.marking import lock_dispatches, write_delivered
from core.sending.outbound import Delivered, Outcome, Outlet, read_dispatch_id
from core.sending.receipts import Fate
from core.sending.receipts import Receipt as Received
from core.sending.taken import Key, Taken

_TABLE = table_of(Receipt)
_KEY = tuple_(Receipt.channel, Receipt.account, Receipt.external_id)
_STRAY, _KEPT = timedelta(days=2), timedelta(days=30)
_FINAL = {Fate.DELIVERED, Fate.FAILED}
_SAID = "receipt:"
Told = tuple[Key, Fate, str | None, bool]
"""A text, and what is said of it: its fate, an error code, and whether the player has gone."""


def note_ids(session: Session, outlet: Outlet, sent: Sequence[tuple[Taken, Outcome]], at: datetime) -> list[Told]:
    """Keep what the platform calls the texts of ``sent``; returns what receipts had said of them before."""
    named = {
        name: taken.key for taken, outcome in sent if isinstance(outcome, Delivered) for name in outcome.external_ids
    }
    rows = [_row(outlet.channel, outlet.account, name, named[name], at) for name in sorted(named)]
    made = {row[0] for row in bulk.claim(session, _TABLE, rows, _TABLE.c.external_id)}
    early = sorted(named.keys() - made)
    if not early:
        return []
    mine = (Receipt.channel == outlet.channel) & (Receipt.account == outlet.account)
    statement = select(Receipt).where(mine, Receipt.external_id.in_(early))
    told: list[Told] = []
    for row in session.scalars(database.locked(statement, Receipt.external_id, Receipt)):
        key = named[row.external_id]
        if row.address_key is not None and (row.address_key, row.sequence) != key:  # the platform began anew
            row.fate, row.error, row.gone, row.at = Fate.ON_ITS_WAY.value, None, False, at
        row.address_key, row.sequence = key
        told.append((key, Fate(row.fate), row.error, row.gone))
    session.flush()
    return told


def _row(channel: str, account: str, name: str, key: Key | None, at: datetime) -> dict[str, object]:
    return {
        "channel": channel,
        "account": account,
        "external_id": name,
        "address_key": key[0] if key else None,
        "sequence": key[1] if key else None,
        "fate": Fate.ON_ITS_WAY.value,
        "error": None,
        "gone": False,
        "at": at,
    }


def take_receipts(sessions: sessionmaker[Session], received: Sequence[Received], at: datetime) -> int:
    """Write down ``received``, in a number of queries that does not depend on how many; returns how many told news.

    The same receipt again changes nothing. One that names no text that we know is kept: the answer to the send may
    come later. Raises Moved when it came at this moment: taken again, the receipts find it.
    """
    with sessions.begin() as session:
        known, early = _known(session, received), dict[tuple[str, str, str], dict[str, object]]()
        told = [one for each in received if (one := _taken_down(known, early, each, at)) is not None]
        session.flush()
        made = bulk.claim(session, _TABLE, [early[key] for key in sorted(early)], _TABLE.c.external_id)
        if len(made) < len(early):
            raise database.Moved("a text was given its id meanwhile")
        apply(session, told, at)
        return len(told)


def _known(session: Session, received: Sequence[Received]) -> dict[tuple[str, str, str], Receipt]:
    """What is kept of the platform's ids, locked."""
    keys = sorted({(each.channel, each.account, name) for each in received for name in each.external_ids})
    if not keys:
        return {}
    mine = select(Receipt).where(_KEY.in_(keys)).order_by(Receipt.channel, Receipt.account)
    found = session.scalars(database.locked(mine, Receipt.external_id, Receipt))
    return {(row.channel, row.account, row.external_id): row for row in found}


def _taken_down(
    known: dict[tuple[str, str, str], Receipt],
    early: dict[tuple[str, str, str], dict[str, object]],
    each: Received,
    at: datetime,
) -> Told | None:
    names = [(each.channel, each.account, name) for name in each.external_ids]
    rows = [known[name] for name in names if name in known]
    for row in rows:
        if row.address_key is not None and row.sequence is not None:
            return ((row.address_key, row.sequence), each.fate, each.error, each.gone) if _news(row, each) else None
    key = read_dispatch_id(each.dispatch) if each.dispatch is not None else None
    for row in rows:
        _news(row, each)
        row.address_key, row.sequence = key or (None, None)
    said = {"fate": each.fate.value, "error": each.error, "gone": each.gone}
    for name in names:  # under every spelling: which one the platform's answer will have, nobody knows
        if name not in known and (name not in early or early[name]["fate"] == Fate.ON_ITS_WAY):
            early[name] = {**_row(*name, key, at), **said}
    return (key, each.fate, each.error, each.gone) if key is not None else None


def _news(row: Receipt, each: Received) -> bool:
    """Write into ``row`` what ``each`` says, unless its fate was settled before."""
    if Fate(row.fate) in _FINAL:
        return False
    row.fate, row.error, row.gone = each.fate.value, each.error, each.gone
    return True


def apply(session: Session, told: Sequence[Told], at: datetime) -> None:
    """Let what receipts say take effect: what arrived is delivered, what failed is dead, who has gone is gone."""
    if not told:
        return
    _mark_gone(session, said_gone(told))
    failed = {key: error for key, fate, error, _ in told if fate is Fate.FAILED}
    arrived = {key for key, fate, _, _ in told if fate is Fate.DELIVERED} - failed.keys()
    wanted = sorted(arrived | failed.keys())
    if not wanted:
        return
    still = {(one.address_key, one.sequence): one for one in lock_dispatches(session, wanted)}
    for key, one in still.items():
        if key in failed:
            one.state, one.taken_at, one.error = "dead", None, f"{_SAID}{failed[key]}"
    session.flush()
    write_delivered(session, [one for key, one in still.items() if key in arrived and not failed_later(one)])
    _bring_back(session, {key: error for key, error in failed.items() if key not in still}, at)


def failed_later(dispatch: Dispatch) -> bool:
    """Whether a receipt says that the text, or a part of it, never arrived: none of another part undoes that."""
    return dispatch.state == "dead" and (dispatch.error or "").startswith(_SAID)


def said_gone(told: Iterable[Told]) -> set[Key]:
    """The texts whose players cannot be reached any more, as ``told`` says."""
    return {key for key, fate, _, gone in told if gone and fate is Fate.FAILED}


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
        select(Outbox, Address.channel, Address.account)
        .join(Address, Address.key == Outbox.address_key)
        .where(place.in_(sorted(failed)), Outbox.state == "sent")
    )
    for text, channel, account in session.execute(statement).all():
        text.state = "queued"
        session.add(
            Dispatch(
                address_key=text.address_key,
                sequence=text.sequence,
                ref=text.ref,
                part=text.part,
                channel=channel,
                account=account,
                duty=int(duty_of(text.ref)),
                state="dead",
                due_at=at,
                tries=1,
                taken_at=None,
                error=f"{_SAID}{failed[text.address_key, text.sequence]}",
            )
        )
    session.flush()


def forget_strays(sessions: sessionmaker[Session], at: datetime) -> int:
    """Forget receipts that named no text of ours within two days, and what texts of a month ago were called."""
    stray = Receipt.address_key.is_(None) & (Receipt.at < at - _STRAY)
    with sessions.begin() as session:
        gone = session.execute(delete(Receipt).where(stray | (Receipt.at < at - _KEPT)).returning(Receipt.external_id))
        return len(gone.all())
