"""Refusals that are wishes: a platform's word that a player wants nothing of ours, at once or later."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import bulk, database
from core.engine.wishing import events_of
from core.models import Address, Consent
from core.models.base import table_of
from core.sending.jobs import Key
from core.sending.outbound import dispatch_id
from core.wishes import played


def lock_people(session: Session, keys: Collection[bytes], refusing: Collection[bytes]) -> dict[bytes, Address]:
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


def keep_refusals(session: Session, addresses: Mapping[bytes, Address], refused: Mapping[Key, datetime]) -> None:
    """Keep for a wish to hear nothing what was said of the texts ``refused``, as old as it says, once a text.

    ``addresses`` are locked with all that are one person with them. Whatever else they wished is played again, so the
    last wish in time counts: what comes late undoes no later START, and is not lost for one before it.
    """
    wishes = {
        f"refused:{dispatch_id(*key)}": (addresses[key[0]], at) for key, at in refused.items() if key[0] in addresses
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
    standing = played(events_of(session, concerned.keys()))
    for key, address in concerned.items():
        address.opted_out_at = standing.out.get(key)
        at = latest[_who(address)]
        address.wished_at = max(at, address.wished_at or at)
    session.flush()


def _who(address: Address) -> bytes:
    return address.person or address.key
