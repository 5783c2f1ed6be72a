"""Erase: all that is known of a person goes, when the time to take it back is over; what adds up stays, as nobody's.

One transaction a person: addresses and players are locked as in a turn, so nobody plays meanwhile, and whoever writes
then finds a blank row. A parcel that is packed or on its way keeps its label until it is there, for REST at the most.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core import database, ledger
from core.alphabet import grouped
from core.database import Moved, read_only
from core.engine.locks import lock_addresses, lock_players
from core.engine.runtime import Runtime
from core.engine.unit_of_work import UnitOfWork
from core.forgotten import OnItsWay, become_nobody, drop_texts, unsay
from core.models import Address, Player
from core.models.base import table_of
from core.models.players import USER_COLUMN
from core.personal import Forgetting, WhoseData, data_of
from core.phones import phone_of
from handlers.rights.tables import DataLink, Erasure

log = structlog.get_logger()

REST = timedelta(days=90)
"""A label is kept no longer than so for a parcel of which nobody says that it is there."""
_AGAIN, _SOON = timedelta(days=1), timedelta(minutes=1)
_TRIES, _AT_ONCE = 4, 20
_LEAST = 4
"""Letters of a name or number that is looked for in what others were told: a shorter one stands in too many words."""
_DIGITS_AT_HOME = 11


@dataclass(frozen=True, slots=True)
class Grace:
    """A setting of an installation: for how long somebody who wants to be erased may take it back."""

    lasts: timedelta = timedelta(days=7)


def erase_due(runtime: Runtime, at: datetime) -> int:
    """Go on with the erasures that are due at ``at``; returns how many were looked at."""
    with read_only(runtime.sessions) as session:
        due = select(Erasure.id).where(Erasure.due_at <= at).order_by(Erasure.due_at, Erasure.id).limit(_AT_ONCE)
        ids = session.scalars(due).all()
    for number in ids:
        _go_on_patiently(runtime, number, at)
    return len(ids)


def _go_on_patiently(runtime: Runtime, number: int, at: datetime) -> None:
    for _ in range(_TRIES):
        try:
            _go_on(runtime, number, at)
        except Moved:
            continue
        except OnItsWay:
            break
        return
    with runtime.sessions.begin() as session:
        later = update(table_of(Erasure)).where(Erasure.id == number, Erasure.due_at <= at)
        session.execute(later.values(due_at=at + _SOON))


def _go_on(runtime: Runtime, number: int, at: datetime) -> None:
    with runtime.sessions.begin() as session:
        work = UnitOfWork(runtime, session)
        asked = session.get(Erasure, number)
        whose = None if asked is None else data_of(session, runtime.keys, asked.address_key)
        if whose is None:
            return
        lock_addresses(session, work.rows, whose.address_keys)
        lock_players(session, work.rows)
        erasure = _mine(session, number, at)
        if erasure is None:
            return
        now = data_of(session, runtime.keys, erasure.address_key)
        if now is None or (now.address_keys, now.ids) != (whose.address_keys, whose.ids):
            raise Moved("an address was linked meanwhile")
        if erasure.state == "waiting":
            _erase(runtime, work, now, number, at)
        else:
            _forget_rest(runtime, now, number, at, since=erasure.settled_at or at)


def _mine(session: Session, number: int, at: datetime) -> Erasure | None:
    """The erasure, locked after all that it concerns, unless it was taken back or done meanwhile."""
    found = select(Erasure).where(Erasure.id == number, Erasure.due_at <= at, Erasure.state.in_(("waiting", "resting")))
    locked = database.locked(found, Erasure.id, Erasure).execution_options(populate_existing=True)
    return session.scalars(locked).one_or_none()


def _erase(runtime: Runtime, work: UnitOfWork, whose: WhoseData, number: int, at: datetime) -> None:
    session = work.session
    drop_texts(session, whose.address_keys)
    for mechanic in runtime.mechanics.each:
        if mechanic.parts is not None:
            mechanic.parts(session, work.rows, at)
    for player in work.rows.people.values():
        if player.points:
            ref = f"erased:{number}"
            ledger.take(work.rows, player, player.points, to="erased", ref=ref, reason="erased", at=at)
        player.points_expire_at = None
    work.save(at)
    drop_texts(session, whose.address_keys)  # what was said of claims that ended just now
    forgetting = Forgetting(whose, at, patient=True, said=known_by(runtime, whose))
    _forget(runtime, forgetting)
    session.execute(delete(DataLink).where(DataLink.address_key.in_(whose.address_keys)))
    nobody = become_nobody(forgetting, runtime.randomness, f"erased:{number}")
    asked_too = update(table_of(Erasure)).where(Erasure.address_key.in_(nobody), Erasure.state == "waiting")
    session.execute(asked_too.values(state="done", due_at=None, settled_at=at))
    _settle(session, number, at, waits=forgetting.waits)
    log.info("person.erased", erasure=number, addresses=len(whose.addresses), waits=len(forgetting.waits))


def _forget(runtime: Runtime, forgetting: Forgetting) -> None:
    for mechanic in runtime.mechanics.each:
        if mechanic.forgets is not None:
            mechanic.forgets(forgetting)
    unsay(forgetting)
    forgetting.session.flush()


def _forget_rest(runtime: Runtime, whose: WhoseData, number: int, at: datetime, *, since: datetime) -> None:
    """Look after the parcels again, and take the labels of those that are there."""
    forgetting = Forgetting(whose, at, patient=at < since + REST, said=known_by(runtime, whose))
    _forget(runtime, forgetting)
    _settle(whose.session, number, since, waits=forgetting.waits, again=at + _AGAIN)


def _settle(
    session: Session, number: int, at: datetime, *, waits: Collection[str], again: datetime | None = None
) -> None:
    values = {"state": "resting" if waits else "done", "due_at": (again or at + _AGAIN) if waits else None}
    session.execute(update(table_of(Erasure)).where(Erasure.id == number).values(**values, settled_at=at))


def known_by(runtime: Runtime, whose: WhoseData) -> set[str]:
    """By what the person is known: every sealed word of theirs that names somebody, as it may be written."""
    users = [whose.opened(USER_COLUMN, one.key, one.user_sealed) for one in whose.addresses]
    phones = {phone for user in users if user and (phone := phone_of(user))}
    found = {*filter(None, users), *(phone[-_DIGITS_AT_HOME:] for phone in phones)}
    for kept in runtime.mechanics.kept:
        names = [place for place, (label, _) in enumerate(kept.gives) if label.en in _NAMES]
        for row in kept.rows(whose) if names else ():
            found |= {str(row[place]) for place in names if row[place]}
    with_word = select(Player.invite_word).where(Player.id.in_(whose.ids), Player.invite_word.is_not(None))
    found |= {grouped(word) for word in whose.session.scalars(with_word) if word}
    found = {each for each in found if len(each) >= _LEAST or not each.isascii()}
    return found | {json.dumps(each)[1:-1] for each in found}


_NAMES = frozenset({"name", "phone", "address", "name that waits to be looked at", "invite word", "word"})


def ask(session: Session, runtime: Runtime, address_key: bytes, at: datetime, *, by: str | None) -> Erasure:
    """Let a person, whose addresses are locked, be erased when the grace is over, unless that waits already."""
    waits = waiting(session, address_key)
    if waits is not None:
        return waits
    grace = runtime.setting(Grace) or Grace()
    number = int.from_bytes(runtime.randomness.take(8), "big") >> 1
    made = Erasure(
        id=number,
        address_key=address_key,
        asked_at=at,
        asked_by=by,
        due_at=at + grace.lasts,
        state="waiting",
        settled_at=None,
    )
    session.add(made)
    session.flush()
    return made


def waiting(session: Session, address_key: bytes) -> Erasure | None:
    """The erasure of the person at an address that may be taken back still."""
    person = select(Address.person).where(Address.key == address_key, Address.person.is_not(None))
    mine = select(Address.key).where((Address.key == address_key) | Address.person.in_(person))
    found = select(Erasure).where(Erasure.address_key.in_(mine), Erasure.state == "waiting").order_by(Erasure.due_at)
    return session.scalars(found.limit(1)).first()
