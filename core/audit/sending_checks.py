"""Checks of sending: what is queued is on its way, and nothing else is."""

from collections.abc import Iterator

from sqlalchemy import Row, and_, func, or_, select

from core.audit.faults import Books, Check, Fault
from core.ledger import HOUSE
from core.models import Address, Consent, Dispatch, Link, Outbox, Spending, Transfer
from core.sending.outbound import dispatch_id
from core.wishes import Event, Linking, Wish, played

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


def _costs(books: Books) -> Iterator[Fault]:
    """What transfers say that was spent, and what the sums say, by account."""
    paid: dict[str, int] = {}
    statement = (
        select(Transfer.credit, func.sum(Transfer.amount))
        .where(Transfer.owner_id == HOUSE, func.substr(Transfer.ref, 1, len("cost:")) == "cost:")
        .group_by(Transfer.credit)
    )
    paid.update((row[0], int(row[1])) for row in books.session.execute(statement))
    group = (Spending.channel, Spending.account)
    for channel, account, micros in books.session.execute(select(*group, func.sum(Spending.micros)).group_by(*group)):
        if paid.pop(name := f"account:{channel}:{account}:spent", 0) != int(micros):
            yield Fault(f"money {name}", "was not spent as the sums say")
    for name in paid:
        yield Fault(f"money {name}", "was spent, and is in no sum")


def _wished(books: Books) -> Iterator[Fault]:
    """Opting out is what all wishes and links say, played in the order of their times."""
    events: list[Event] = [
        Wish(key, external_id, at, "out" if what == "out" else "in", how)
        for key, external_id, at, what, how in books.session.execute(_WISHES)
    ]
    events += [Linking(key, external_id, at, other) for key, external_id, at, other in books.session.execute(_LINKS)]
    meant = played(events).out.keys()
    out = set(books.session.scalars(select(Address.key).where(Address.opted_out_at.is_not(None))))
    for key in sorted(meant - out):
        yield Fault(f"address {key.hex()}", "opted out, and is not kept so")
    for key in sorted(out - meant):
        yield Fault(f"address {key.hex()}", "is kept as opted out, and said nothing of the kind")


_WISHES = select(Consent.address_key, Consent.external_id, Consent.at, Consent.what, Consent.how)
_LINKS = select(Link.address_key, Link.external_id, Link.at, Link.other_key)


def _fault(row: Row[bytes, int], wrong: str) -> Fault:
    return Fault(f"text {dispatch_id(row[0], row[1])}", wrong)


CHECKS = (
    Check("every queued text is to be delivered, and no other", _has_its_dispatch),
    Check("every text goes out by the account of its address", _goes_where_its_address_is),
    Check("every text on its way was taken by a sender", _is_taken),
    Check("what texts cost is summed up as it was paid", _costs),
    Check("who opted out is kept so, and nobody else", _wished),
)
