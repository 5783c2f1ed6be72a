"""Checks of blocks: each is whole, and stands at all addresses of a person."""

from collections.abc import Iterator

from sqlalchemy import func, select

from core.audit.faults import Books, Check, Fault
from core.blocks import WHY_COLUMN
from core.models import Address

_PARTS = (Address.blocked_at, Address.blocked_by, Address.blocked_why_sealed)
_BLOCKED = select(Address.key, *_PARTS, Address.block_told).where(
    _PARTS[0].is_not(None) | _PARTS[1].is_not(None) | _PARTS[2].is_not(None) | Address.block_told
)
_HALF = (
    select(Address.person)
    .where(Address.person.is_not(None))
    .group_by(Address.person)
    .having(func.count(Address.blocked_at).between(1, func.count() - 1))
)


def _whole(books: Books) -> Iterator[Fault]:
    for key, at, by, sealed, _ in books.session.execute(_BLOCKED):
        if at is None or by is None or sealed is None or books.opened(WHY_COLUMN, key, sealed) is None:
            yield Fault(f"address {key.hex()}", "is blocked in part: since when, by whom and why belong together")


def _of_a_person(books: Books) -> Iterator[Fault]:
    for person in books.session.scalars(_HALF):
        yield Fault(f"person {(person or b'').hex()}", "is blocked at some addresses, and may play at others")


CHECKS = (
    Check("every block says since when, by whom and why", _whole),
    Check("whoever is blocked is so at all linked addresses", _of_a_person),
)
