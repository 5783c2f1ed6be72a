"""Wishes: who wants to hear what nobody asked for. The last wish in time counts, whenever it was dealt with.

STOP holds for all addresses that are linked at its time; START, leaving and a platform's refusal hold for the one where
they happened. Whoever takes a block away takes back what leaving or a refusal said, and no word. A link makes two sides
one person: when one of them wants to hear nothing, both do from then on. Wishes of the same instant come in the order
of their ids, which platforms count upwards: so there is always one last wish.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

How = Literal["word", "sentence", "start", "platform", "left", "refused", "back"]
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
class Standing:
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


def played(events: Iterable[Event]) -> Standing:
    """Where everybody stands after all of ``events``, which may come in any order."""
    standing = Standing()
    for event in sorted(events, key=_place):
        standing.heed(event)
    return standing


def _place(event: Event) -> tuple[datetime, int, str, bytes]:
    """Where ``event`` stands in time. A number of more digits is a larger one."""
    return event.at, len(event.external_id), event.external_id, event.address
