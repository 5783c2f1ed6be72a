"""Load what was wished before, where a message of the turn is older than some of it: then all of it is played again."""

from collections import Counter
from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from core.consent import Event, Linking, events_of
from core.context import TurnRows
from core.database import Moved
from core.engine.delivery import Delivery
from core.engine.routes import Wanted
from core.messages import InboundKind


def load_wishes(session: Session, rows: TurnRows, wanted: Iterable[Wanted]) -> None:
    """Load the wishes of whoever wishes or links something, unless it is one thing that comes after all before it.

    Raises Moved when an address of theirs was linked while we waited for the locks.
    """
    wishing = [(each.delivery, _concerned(rows, each)) for each in wanted]
    wishing = [(delivery, keys) for delivery, keys in wishing if keys]
    if any(not keys <= rows.addresses.keys() for _, keys in wishing):
        raise Moved("an address was linked meanwhile")
    times = Counter(key for _, keys in wishing for key in keys)
    late = {key for delivery, keys in wishing if _is_late(rows, delivery, keys, times) for key in keys}
    while more := {key for _, keys in wishing if not keys.isdisjoint(late) for key in keys} - late:
        late |= more
    if late:
        rows.wishes.update((key, set[Event]()) for key in late)
        _fill(session, rows, late)


def _concerned(rows: TurnRows, wanted: Wanted) -> set[bytes]:
    """The addresses of all that may be one person after a message that wishes or links something; else none."""
    sender = wanted.delivery.key[0]
    sides = rows.sides.get(sender, set())
    if not (wanted.requires.person or sides):
        return set()
    keys = {sender} | sides
    persons = {rows.addresses[key].person for key in keys if key in rows.addresses}
    return keys.union(*(rows.persons[person] for person in persons if person is not None))


def _is_late(rows: TurnRows, delivery: Delivery, keys: set[bytes], times: Counter[bytes]) -> bool:
    """Whether the rows of the addresses do not say all that it takes to go on from them."""
    if delivery.message.kind is InboundKind.BACK and rows.addresses[delivery.key[0]].opted_out_at is not None:
        return True  # it depends on why they hear nothing
    wished = (rows.addresses[key].wished_at for key in keys)
    return any(times[key] > 1 for key in keys) or any(
        at is not None and at >= delivery.message.received_at for at in wished
    )


def _fill(session: Session, rows: TurnRows, keys: Collection[bytes]) -> None:
    for event in events_of(session, keys):
        sides = {event.address, event.other} if isinstance(event, Linking) else {event.address}
        for side in rows.wishes.keys() & sides:
            rows.wishes[side].add(event)
