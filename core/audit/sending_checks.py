"""Checks of sending: what is queued is on its way, and nothing else is."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Row, and_, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.campaign.cron import minute_number
from core.campaign.platforms import rights
from core.consent import Event, Linking, Wish, played
from core.models import Address, CalendarRun, Consent, Inbox, Link, OutboundJob, Outbox, Spending, Touch, Transfer
from core.models.ledger import HOUSE
from core.sending.outbound import dispatch_id

_SAME = and_(
    Outbox.address_key == OutboundJob.address_key,
    Outbox.ref == OutboundJob.ref,
    Outbox.part == OutboundJob.part,
    Outbox.sequence == OutboundJob.sequence,
)


_TEXT = (OutboundJob.address_key, OutboundJob.sequence)
_on_its_way = select(OutboundJob.sequence).where(_SAME).exists()
_FORGOTTEN = select(Outbox.address_key, Outbox.sequence).where(Outbox.state == "queued", ~_on_its_way)
_queued = select(Outbox.sequence).where(_SAME, Outbox.state == "queued").exists()
_NOT_QUEUED = select(*_TEXT).where(~_queued)


def _has_its_dispatch(books: Books) -> Iterator[Fault]:
    for row in books.session.execute(_FORGOTTEN):
        yield _fault(row, "is queued, and nobody will deliver it")
    for row in books.session.execute(_NOT_QUEUED):
        yield _fault(row, "is to be delivered, and is not queued")


_heard = select(Inbox.external_id).where(
    Inbox.address_key == Outbox.address_key, Inbox.external_id == Outbox.carried_by
)
_RODE_ON_NOTHING = select(Outbox.address_key, Outbox.sequence).where(
    Outbox.carried_by.is_not(None), or_(Outbox.state != "answered", ~_heard.exists())
)
_UNANSWERED = select(Outbox.address_key, Outbox.sequence).where(
    Outbox.state == "answered", Outbox.carried_by.is_(None), ~Outbox.ref.like("re:%")
)


def _rides(books: Books) -> Iterator[Fault]:
    for row in books.session.execute(_RODE_ON_NOTHING):
        yield _fault(row, "rode on an answer, and did not go back with one")
    for row in books.session.execute(_UNANSWERED):
        yield _fault(row, "went back in a connection, and nobody knows in whose")


_ASTRAY = (
    select(*_TEXT)
    .join(Address, Address.key == OutboundJob.address_key)
    .where(or_(OutboundJob.channel != Address.channel, OutboundJob.account != Address.account))
)


def _goes_where_its_address_is(books: Books) -> Iterator[Fault]:
    for row in books.session.execute(_ASTRAY):
        yield _fault(row, "is to be delivered by another account than its address belongs to")


_taken = OutboundJob.taken_at.is_not(None)
_WRONGLY_TAKEN = select(*_TEXT).where(
    or_(
        and_(OutboundJob.state == "sending", or_(~_taken, OutboundJob.tries < 1)),
        and_(OutboundJob.state != "sending", _taken),
        OutboundJob.tries < 0,
    )
)


def _is_taken(books: Books) -> Iterator[Fault]:
    for row in books.session.execute(_WRONGLY_TAKEN):
        yield _fault(row, "is on its way and was never taken, or the other way round")


_PAID = (
    select(Transfer.credit, func.sum(Transfer.amount))
    .where(Transfer.owner_id == HOUSE, func.substr(Transfer.ref, 1, len("cost:")) == "cost:")
    .group_by(Transfer.credit)
)
_account = (Spending.channel, Spending.account)
_SPENT = select(*_account, func.sum(Spending.micros)).group_by(*_account)


def _costs(books: Books) -> Iterator[Fault]:
    """What transfers say that was spent, and what the sums say, by account."""
    paid = {credit: int(amount) for credit, amount in books.session.execute(_PAID)}
    for channel, account, micros in books.session.execute(_SPENT):
        if paid.pop(name := f"account:{channel}:{account}:spent", 0) != int(micros):
            yield Fault(f"money {name}", "was not spent as the sums say")
    for name in paid:
        yield Fault(f"money {name}", "was spent, and is in no sum")


_WISHES = select(Consent.address_key, Consent.external_id, Consent.at, Consent.what, Consent.how)
_LINKS = select(Link.address_key, Link.external_id, Link.at, Link.other_key)
_OPTED_OUT = select(Address.key).where(Address.opted_out_at.is_not(None))


def _wished(books: Books) -> Iterator[Fault]:
    """Opting out is what all wishes and links say, played in the order of their times."""
    events: list[Event] = [
        Wish(key, external_id, at, "out" if what == "out" else "in", how)
        for key, external_id, at, what, how in books.session.execute(_WISHES)
    ]
    events += [Linking(key, external_id, at, other) for key, external_id, at, other in books.session.execute(_LINKS)]
    meant = played(events).out.keys()
    out = set(books.session.scalars(_OPTED_OUT))
    for key in sorted(meant - out):
        yield Fault(f"address {key.hex()}", "opted out, and is not kept so")
    for key in sorted(out - meant):
        yield Fault(f"address {key.hex()}", "is kept as opted out, and said nothing of the kind")


_RUNS = select(CalendarRun.campaign_id, CalendarRun.job, CalendarRun.scheduled_at)
_SAID_OTHERWISE = select(*_TEXT).join(Outbox, _SAME).where(Outbox.category != OutboundJob.category)
_ANNOUNCED = select(*_TEXT, OutboundJob.ref, OutboundJob.campaign_id, OutboundJob.job, OutboundJob.scheduled_at).where(
    OutboundJob.job.is_not(None)
)


def _is_what_it_says(books: Books) -> Iterator[Fault]:
    """What was said to answer, to remind or to advertise is sent as such, and what is announced names its run."""
    for row in books.session.execute(_SAID_OTHERWISE):
        yield _fault(row, "is sent as another kind of text than it was said")
    runs = {(row[0], row[1], row[2]) for row in books.session.execute(_RUNS)}
    for key, sequence, ref, campaign_id, job, scheduled_at in books.session.execute(_ANNOUNCED):
        named = f":{job}:{minute_number(scheduled_at)}" if scheduled_at else None
        if named is None or (campaign_id, job, scheduled_at) not in runs or not ref.endswith(named):
            yield Fault(f"text {dispatch_id(key, sequence)}", "announces something else than its run of the calendar")


_WITH_RIGHTS = select(Address.key, Address.channel, Address.typed_left, Address.tapped_left).where(
    or_(Address.typed_left != 0, Address.tapped_left != 0)
)


def _within_rights(books: Books) -> Iterator[Fault]:
    for key, channel, typed, tapped in books.session.execute(_WITH_RIGHTS):
        counted = rights(channel)
        most = (counted.typed.texts, counted.tapped.texts) if counted else (0, 0)
        if not (0 <= typed <= most[0] and 0 <= tapped <= most[1]):
            yield Fault(f"address {key.hex()}", "has more rights left than its platform gives")


_answer = and_(Outbox.address_key == Consent.address_key, Outbox.ref == literal("re:").concat(Consent.external_id))
_answered = select(func.min(Outbox.sequence)).where(_answer).scalar_subquery()
_ALONE = select(Consent.address_key, Consent.at, Consent.what, _answered).join(
    Address, and_(Address.key == Consent.address_key, Address.person.is_(None))
)
"""The wishes of addresses that were never linked."""
_wished_once = select(Consent.what).where(Consent.address_key == Touch.address_key).exists()
_TOUCHES = select(Touch.address_key, Touch.sequence, Touch.said_count).where(_wished_once)


def _respected(books: Books) -> Iterator[Fault]:
    """What had been said by the time that marketing went tells which wishes had been dealt with by then.

    Of addresses that were linked, and of wishes that were answered by nothing, nobody can tell.
    """
    known: dict[bytes, list[tuple[datetime, str, int | None]]] = {}
    for key, at, what, sequence in books.session.execute(_ALONE):
        known.setdefault(key, []).append((at, what, sequence))
    for key, sequence, said_count in books.session.execute(_TOUCHES):
        by_then = [wish for wish in known.get(key, ()) if wish[2] is not None and wish[2] <= said_count]
        unsure = any(what == "in" and answered is None for _, what, answered in known.get(key, ()))
        if by_then and not unsure and max(by_then)[1] == "out":
            yield Fault(f"text {dispatch_id(key, sequence)}", "is marketing, and went to somebody who had opted out")


def _fault(row: Row[bytes, int], wrong: str) -> Fault:
    return Fault(f"text {dispatch_id(row[0], row[1])}", wrong)


CHECKS = (
    Check("every queued text is to be delivered, and no other", _has_its_dispatch),
    Check("what was held went back with the answer to a message", _rides),
    Check("every text goes out by the account of its address", _goes_where_its_address_is),
    Check("every text on its way was taken by a sender", _is_taken),
    Check("what texts cost is summed up as it was paid", _costs),
    Check("every text is sent as what it was said, announcements for their run", _is_what_it_says),
    Check("nobody has more rights left than the platform gives", _within_rights),
    Check("no marketing went to somebody who had opted out", _respected),
    Check("who opted out is kept so, and nobody else", _wished),
)
