"""Permissions: what a person lets us do, kind by kind, and since when. The last word in time counts everywhere."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.context import TurnRows
from core.engine.routes import AllWanted, Requirement
from core.models import Address, Permission

PermissionKind = Literal["personalised", "questions"]
ConsentKind = Literal["marketing", "personalised", "questions"]
KINDS: Sequence[PermissionKind] = ("personalised", "questions")


class Standing(NamedTuple):
    """Whether one kind of thing is welcome, and since when; None where nobody ever said so."""

    kind: ConsentKind
    welcome: bool
    since: datetime | None


@dataclass(frozen=True, slots=True)
class PermissionRequires(Requirement):
    """What the sender let us do before."""

    wanted: bool = False


@dataclass(slots=True)
class PermissionRows:
    """What was said of permissions at the addresses of those who ask, or who say more of them."""

    said: list[Permission] = field(default_factory=list)


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Load what was said by the senders who name it, at any address of theirs."""
    senders = {delivery.key[0] for delivery, needs in wanted.of(PermissionRequires) if needs.wanted}
    if senders:
        keys = sorted({each for key in senders for each in person_of(rows, rows.addresses[key])})
        rows.of(PermissionRows).said += session.scalars(select(Permission).where(Permission.address_key.in_(keys)))


def person_of(rows: TurnRows, address: Address) -> list[bytes]:
    """All addresses of the person who talks at ``address``."""
    return rows.persons.get(address.person or b"", [address.key])


def keep_permission(
    rows: TurnRows, address: Address, external_id: str, kind: PermissionKind, *, given: bool, at: datetime
) -> None:
    """Keep that the person at ``address`` let us do something from ``at`` on, or not any more."""
    what = "given" if given else "withdrawn"
    told = {"address_key": address.key, "external_id": external_id, "kind": kind, "what": what, "at": at}
    rows.append(Permission, **told)
    rows.of(PermissionRows).said.append(Permission(**told))


def consents_in(rows: TurnRows, address: Address) -> list[Standing]:
    """Of each kind whether it is welcome to the person at ``address``, whose permissions were loaded."""
    keys = person_of(rows, address)
    return _standings(address, [each for each in rows.of(PermissionRows).said if each.address_key in keys])


def consents(session: Session, addresses: Collection[Address]) -> list[Standing]:
    """Of each kind whether it is welcome to the person who has ``addresses``: all of them, or one that is alone."""
    said = session.scalars(select(Permission).where(Permission.address_key.in_(sorted(one.key for one in addresses))))
    first = min(addresses, key=lambda one: (one.opted_out_at is None, one.key))
    return _standings(first, said.all())


def _standings(address: Address, said: Iterable[Permission]) -> list[Standing]:
    found = [Standing("marketing", address.opted_out_at is None, address.opted_out_at)]
    last = {each.kind: each for each in sorted(said, key=_place)}
    for kind in KINDS:
        one = last.get(kind)
        found.append(Standing(kind, one is None or one.what == "given", one.at if one else None))
    return found


def _place(one: Permission) -> tuple[datetime, int, str]:
    """Where it stands in time. A number of more digits is a larger one."""
    return one.at, len(one.external_id), one.external_id
