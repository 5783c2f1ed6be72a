"""Load what was wished before, where a message of the turn is older than some of it: then all of it is played again."""

from collections import Counter
from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from core.consent import Event, Linking, events_of
from core.context import TurnRows
from core.database import Moved
from core.engine.claiming import Delivery
from core.engine.routes import Needs
from core.messages import Manner


def load_wishes(session: Session, rows: TurnRows, wanted: Iterable[tuple[Delivery, Needs]]) -> None:
    """Load the wishes of whoever wishes or links something, unless it is one thing that comes after all before it.

    Raises Moved when an address of theirs was linked while we waited for the locks.
    """
    wishing = [(delivery, _concerned(rows, delivery, needs)) for delivery, needs in wanted]
    wishing = [(delivery, keys) for delivery, keys in wishing if keys]
    if any(not keys <= rows.addresses.keys() for _, keys in wishing):
        raise Moved("an address was linked meanwhile")
    times = Counter(key for _, keys in wishing for key in keys)
    late = {key for delivery, keys in wishing if _is_late(rows, delivery, keys, times) for key in keys}
    while more := {key for _, keys in wishing if not keys.isdisjoint(late) for key in keys} - late:
        late |= more
    if late:
        rows.circles.wishes.update((key, set[Event]()) for key in late)
        _fill(session, rows, late)


def _concerned(rows: TurnRows, delivery: Delivery, needs: Needs) -> set[bytes]:
    """The addresses of all that may be one person after a message that wishes or links something; else none."""
    if not (needs.person or needs.link_word):
        return set()
    keys = {delivery.key[0]}
    if needs.link_word and (word := rows.circles.link_words.get(rows.keys.index("link-word", needs.link_word))):
        keys.add(word.address_key)
    persons = {rows.addresses[key].person for key in keys if key in rows.addresses}
    return keys.union(*(rows.circles.persons[person] for person in persons if person is not None))


def _is_late(rows: TurnRows, delivery: Delivery, keys: set[bytes], times: Counter[bytes]) -> bool:
    """Whether the rows of the addresses do not say all that it takes to go on from them."""
    if delivery.message.manner is Manner.BACK and rows.addresses[delivery.key[0]].opted_out_at is not None:
        return True  # it depends on why they hear nothing
    wished = (rows.addresses[key].wished_at for key in keys)
    return any(times[key] > 1 for key in keys) or any(
        at is not None and at >= delivery.message.received_at for at in wished
    )


def _fill(session: Session, rows: TurnRows, keys: Collection[bytes]) -> None:
    for event in events_of(session, keys):
        sides = {event.address, event.other} if isinstance(event, Linking) else {event.address}
        for side in rows.circles.wishes.keys() & sides:
            rows.circles.wishes[side].add(event)
