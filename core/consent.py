"""Consent: who wants to hear what nobody asked for. The last wish in time counts, whenever it was dealt with.

STOP holds for all addresses that are linked at its time; START, leaving and a platform's refusal hold for the one where
they happened. Whoever takes a block away takes back what leaving or a refusal said, and no word. A link makes two sides
one person: when one of them wants to hear nothing, both do from then on. Wishes of the same instant come in the order
of their ids, which platforms count upwards: so there is always one last wish.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import bulk, database
from core.models import Address, Consent, Link
from core.models.base import table_of

How = Literal["word", "sentence", "start", "platform", "left", "refused", "back", "erased"]
_HERE_ALONE = frozenset({"left", "refused"})


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody at ``address`` wants to hear nothing unasked ("out"), or does ("in")."""

    address: bytes
    external_id: str
    at: datetime
    what: Literal["out", "in"]
    how: str


@dataclass(frozen=True, slots=True)
class Linking:
    """``address`` and ``other`` are one person from then on."""

    address: bytes
    external_id: str
    at: datetime
    other: bytes


Event = Wish | Linking


@dataclass(slots=True)
class SuppressionList:
    """Who has opted out, since when, and who is one person, at some instant."""

    out: dict[bytes, datetime] = field(default_factory=dict)
    persons: dict[bytes, frozenset[bytes]] = field(default_factory=dict)
    """All addresses of the person behind an address; nothing where it is alone."""
    shut: set[bytes] = field(default_factory=set)
    """Of those who are out: who only left or was refused, and never said so."""

    def heed(self, event: Event) -> None:
        """Go on to the instant of ``event``, which comes after all before it."""
        match event:
            case Wish(what="in", how="back") if event.address not in self.shut:
                pass
            case Wish(what="in"):
                self.out.pop(event.address, None)
                self.shut.discard(event.address)
            case Wish(how=how) if how in _HERE_ALONE:
                self.shut |= {event.address} - self.out.keys()
                self._stop({event.address}, event.at)
            case Wish():
                self._stop(self._person(event.address), event.at)
                self.shut -= self._person(event.address)
            case Linking() if event.other not in self._person(event.address):
                person = self._person(event.address) | self._person(event.other)
                self.persons.update(dict.fromkeys(person, person))
                if not (self.out.keys() - self.shut).isdisjoint(person):
                    self.shut -= person  # one of them said so
                if not self.out.keys().isdisjoint(person):
                    self._stop(person, event.at)

    def _person(self, address: bytes) -> frozenset[bytes]:
        return self.persons.get(address, frozenset({address}))

    def _stop(self, addresses: Iterable[bytes], at: datetime) -> None:
        for address in addresses:
            self.out.setdefault(address, at)


def played(events: Iterable[Event]) -> SuppressionList:
    """Where everybody stands after all of ``events``, which may come in any order."""
    suppressed = SuppressionList()
    for event in sorted(events, key=_place):
        suppressed.heed(event)
    return suppressed


def _place(event: Event) -> tuple[datetime, int, str, bytes]:
    """Where ``event`` stands in time. A number of more digits is a larger one."""
    return event.at, len(event.external_id), event.external_id, event.address


_WISHES = select(Consent.address_key, Consent.external_id, Consent.at, Consent.what, Consent.how)
_LINKS = select(Link.address_key, Link.external_id, Link.at, Link.other_key)


def events_of(session: Session, keys: Collection[bytes]) -> Iterator[Event]:
    """All that was wished at the addresses ``keys``, and all links of theirs."""
    among = sorted(keys)
    for key, external_id, at, what, how in session.execute(_WISHES.where(Consent.address_key.in_(among))):
        yield Wish(key, external_id, at, "out" if what == "out" else "in", how)
    mine = or_(Link.address_key.in_(among), Link.other_key.in_(among))
    for key, external_id, at, other in session.execute(_LINKS.where(mine)):
        yield Linking(key, external_id, at, other)


def welcome(address: Address) -> bool:
    """Whether what nobody asked for is welcome at ``address``, arrives there, and may be said to whoever reads it."""
    return address.opted_out_at is None and address.gone_at is None and address.blocked_at is None


def lock_persons(session: Session, keys: Collection[bytes], refusing: Collection[bytes]) -> dict[bytes, Address]:
    """Lock the addresses ``keys``, and ``refusing`` with all that are one person with them, whom a wish may concern.

    Raises Moved when one of them was linked while we waited for the locks.
    """
    wanted = {*keys, *refusing, *_linked_to(session, refusing)}
    if not wanted:
        return {}
    statement = database.locked(select(Address).where(Address.key.in_(sorted(wanted))), Address.key, Address)
    addresses = {address.key: address for address in session.scalars(statement)}
    if not _linked_to(session, refusing) <= addresses.keys():
        raise database.Moved("an address was linked meanwhile")
    return addresses


def _linked_to(session: Session, keys: Collection[bytes]) -> set[bytes]:
    if not keys:
        return set()
    persons = select(Address.person).where(Address.key.in_(sorted(keys)), Address.person.is_not(None))
    return set(session.scalars(select(Address.key).where(Address.person.in_(persons))))


class Refusal(NamedTuple):
    """A platform's word that the player at an address wants nothing of ours, said of one text: as good as STOP."""

    address_key: bytes
    name: str
    """Of the text of which it was said: a wish is kept once a text."""
    at: datetime


def keep_refusals(session: Session, addresses: Mapping[bytes, Address], refusals: Iterable[Refusal]) -> None:
    """Keep ``refusals`` for wishes to hear nothing, each as old as it says.

    ``addresses`` are locked with all that are one person with them. Whatever else they wished is played again, so the
    last wish in time counts: what comes late undoes no later START, and is not lost for one before it.
    """
    wishes = {
        f"refused:{one.name}": (addresses[one.address_key], one.at) for one in refusals if one.address_key in addresses
    }
    rows = [
        {"address_key": address.key, "external_id": name, "what": "out", "how": "refused", "at": at}
        for name, (address, at) in sorted(wishes.items())
    ]
    latest = dict[bytes, datetime]()
    for (name,) in bulk.claim(session, table_of(Consent), rows, table_of(Consent).c.external_id):
        address, at = wishes[name]
        who = _who(address)
        latest[who] = max(latest.get(who, at), at)
    concerned = {address.key: address for address in addresses.values() if _who(address) in latest}
    if not concerned:
        return
    suppressed = played(events_of(session, concerned.keys()))
    for key, address in concerned.items():
        address.opted_out_at = suppressed.out.get(key)
        at = latest[_who(address)]
        address.wished_at = max(at, address.wished_at or at)
    session.flush()


def _who(address: Address) -> bytes:
    return address.person or address.key
