"""Checks of sending: what is queued is on its way, and nothing else is."""

from collections.abc import Iterator

from sqlalchemy import Row, and_, or_, select

from core.audit.faults import Books, Check, Fault
from core.models import Address, Dispatch, Outbox
from core.sending.outbound import dispatch_id

_SAME = and_(
    Outbox.address_key == Dispatch.address_key,
    Outbox.ref == Dispatch.ref,
    Outbox.part == Dispatch.part,
    Outbox.sequence == Dispatch.sequence,
)


def _has_its_dispatch(books: Books) -> Iterator[Fault]:
    on_its_way = select(Dispatch.sequence).where(_SAME).exists()
    statement = select(Outbox.address_key, Outbox.sequence).where(Outbox.state == "queued", ~on_its_way)
    for row in books.session.execute(statement):
        yield _fault(row, "is queued, and nobody will deliver it")
    queued = select(Outbox.sequence).where(_SAME, Outbox.state == "queued").exists()
    for row in books.session.execute(select(Dispatch.address_key, Dispatch.sequence).where(~queued)):
        yield _fault(row, "is to be delivered, and is not queued")


def _goes_where_its_address_is(books: Books) -> Iterator[Fault]:
    statement = (
        select(Dispatch.address_key, Dispatch.sequence)
        .join(Address, Address.key == Dispatch.address_key)
        .where(or_(Dispatch.channel != Address.channel, Dispatch.account != Address.account))
    )
    for row in books.session.execute(statement):
        yield _fault(row, "is to be delivered by another account than its address belongs to")


def _is_taken(books: Books) -> Iterator[Fault]:
    taken = Dispatch.taken_at.is_not(None)
    wrong = or_(
        and_(Dispatch.state == "sending", or_(~taken, Dispatch.tries < 1)),
        and_(Dispatch.state != "sending", taken),
        Dispatch.tries < 0,
    )
    for row in books.session.execute(select(Dispatch.address_key, Dispatch.sequence).where(wrong)):
        yield _fault(row, "is on its way and was never taken, or the other way round")


def _fault(row: Row[bytes, int], wrong: str) -> Fault:
    return Fault(f"text {dispatch_id(row[0], row[1])}", wrong)


CHECKS = (
    Check("every queued text is to be delivered, and no other", _has_its_dispatch),
    Check("every text goes out by the account of its address", _goes_where_its_address_is),
    Check("every text on its way was taken by a sender", _is_taken),
)
