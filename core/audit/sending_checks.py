"""Checks of sending: what is queued is on its way, and nothing else is."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Row, and_, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.calendar.cron import minute_number
from core.campaign.platforms import rights
from core.ledger import HOUSE
from core.models import Address, CalendarRun, Consent, Dispatch, Link, Outbox, Spending, Touch, Transfer
from core.sending.outbound import Category, dispatch_id
from core.sending.refs import category_of
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


def _is_what_it_says(books: Books) -> Iterator[Fault]:
    """What was said to answer, to remind or to advertise is sent as such, and what is announced names its run."""
    runs = {
        (row[0], row[1], row[2])
        for row in books.session.execute(select(CalendarRun.campaign_id, CalendarRun.job, CalendarRun.scheduled_at))
    }
    columns = (Dispatch.address_key, Dispatch.sequence, Dispatch.ref, Dispatch.category)
    announced = (Dispatch.campaign_id, Dispatch.job, Dispatch.scheduled_at)
    for row in books.session.execute(select(*columns, *announced)):
        key, sequence, ref, category, campaign_id, job, scheduled_at = row
        said, named = category_of(ref), f"{job}:{minute_number(scheduled_at)}" if job and scheduled_at else None
        if said not in {Category.NOTICE, category}:
            yield Fault(f"text {dispatch_id(key, sequence)}", "is sent as another kind of text than it was said")
        if named is not None and ((campaign_id, job, scheduled_at) not in runs or not ref.endswith(f":{named}")):
            yield Fault(f"text {dispatch_id(key, sequence)}", "announces something else than its run of the calendar")


def _within_rights(books: Books) -> Iterator[Fault]:
    columns = (Address.key, Address.channel, Address.typed_left, Address.tapped_left)
    some = or_(Address.typed_left != 0, Address.tapped_left != 0)
    for key, channel, typed, tapped in books.session.execute(select(*columns).where(some)):
        counted = rights(channel)
        most = (counted.typed.texts, counted.tapped.texts) if counted else (0, 0)
        if not (0 <= typed <= most[0] and 0 <= tapped <= most[1]):
            yield Fault(f"address {key.hex()}", "has more rights left than its platform gives")


def _respected(books: Books) -> Iterator[Fault]:
    """What had been said by the time that marketing went tells which wishes had been dealt with by then.

    Of addresses that were linked, and of wishes that were answered by nothing, nobody can tell.
    """
    answer = and_(Outbox.address_key == Consent.address_key, Outbox.ref == literal("re:").concat(Consent.external_id))
    first = select(func.min(Outbox.sequence)).where(answer).scalar_subquery()
    wishes = select(Consent.address_key, Consent.at, Consent.what, first).join(
        Address, and_(Address.key == Consent.address_key, Address.person.is_(None))
    )
    known: dict[bytes, list[tuple[datetime, str, int | None]]] = {}
    for key, at, what, sequence in books.session.execute(wishes):
        known.setdefault(key, []).append((at, what, sequence))
    wished = select(Consent.what).where(Consent.address_key == Touch.address_key).exists()
    touches = select(Touch.address_key, Touch.sequence, Touch.said_count)
    for key, sequence, said_count in books.session.execute(touches.where(wished)):
        by_then = [wish for wish in known.get(key, ()) if wish[2] is not None and wish[2] <= said_count]
        unsure = any(what == "in" and answered is None for _, what, answered in known.get(key, ()))
        if by_then and not unsure and max(by_then)[1] == "out":
            yield Fault(f"text {dispatch_id(key, sequence)}", "is marketing, and went to somebody who had opted out")


def _fault(row: Row[bytes, int], wrong: str) -> Fault:
    return Fault(f"text {dispatch_id(row[0], row[1])}", wrong)


CHECKS = (
    Check("every queued text is to be delivered, and no other", _has_its_dispatch),
    Check("every text goes out by the account of its address", _goes_where_its_address_is),
    Check("every text on its way was taken by a sender", _is_taken),
    Check("what texts cost is summed up as it was paid", _costs),
    Check("every text is sent as what it was said, announcements for their run", _is_what_it_says),
    Check("nobody has more rights left than the platform gives", _within_rights),
    Check("no marketing went to somebody who had opted out", _respected),
    Check("who opted out is kept so, and nobody else", _wished),
)
