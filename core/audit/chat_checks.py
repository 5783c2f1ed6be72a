"""Checks of conversations: every message has its answer, and texts are numbered without gaps."""

from collections.abc import Iterator

from sqlalchemy import and_, case, distinct, exists, func, literal, or_, select

from core.audit.faults import Books, Check, Fault
from core.audit.kept import is_kept
from core.messages import InboundKind
from core.models import Address, Ageing, Consent, Inbox, Join, Outbox, Player

_UNANSWERED = tuple(
    kind.value
    for kind in (InboundKind.LEFT, InboundKind.AGREED, InboundKind.BACK, InboundKind.EDITED, InboundKind.UNATTENDED)
)
"""Whoever leaves, consents to something, changes a text or is away is told nothing; nor is somebody who opts out a
second time, or whom the brake holds."""


_its_answer = and_(Outbox.address_key == Inbox.address_key, Outbox.ref == literal("re:").concat(Inbox.external_id))
_its_wish = and_(Consent.address_key == Inbox.address_key, Consent.external_id == Inbox.external_id)
_silent = or_(exists().where(_its_wish), Inbox.kind.in_(_UNANSWERED), Inbox.withheld)
_WITHOUT_ANSWER = select(Inbox.address_key, Inbox.external_id).where(
    is_kept(Inbox.received_at, Outbox), ~select(Outbox.ref).where(_its_answer).exists(), ~_silent
)
_NEVER_ASKED = select(Outbox.address_key, Outbox.ref).where(
    Outbox.ref.like("re:%"), ~select(Inbox.external_id).where(_its_answer).exists()
)


def _answered(books: Books) -> Iterator[Fault]:
    """An answer goes before its message, which may be without one for a while when both are old."""
    for address_key, external_id in books.session.execute(_WITHOUT_ANSWER):
        yield Fault(f"inbox {address_key.hex()} {external_id}", "has no stored answer")
    for address_key, ref in books.session.execute(_NEVER_ASKED):
        yield Fault(f"outbox {address_key.hex()} {ref}", "answers a message that was never received")


_AGED = Ageing.what == Outbox.__tablename__
_first_kept = func.min(case((is_kept(Outbox.said_at, Outbox), Outbox.sequence))).over(partition_by=Outbox.address_key)
_texts_of = select(Outbox.address_key, Outbox.sequence, _first_kept.label("first")).subquery()
_said = (
    select(
        _texts_of.c.address_key,
        func.count().label("texts"),
        func.count(distinct(_texts_of.c.sequence)).label("numbers"),
        func.max(_texts_of.c.sequence).label("last"),
        _texts_of.c.first,
        func.count(case((_texts_of.c.sequence >= _texts_of.c.first, 1))).label("tail"),
    )
    .group_by(_texts_of.c.address_key, _texts_of.c.first)
    .subquery()
)
_texts = func.coalesce(_said.c.texts, 0)
_MISNUMBERED = (
    select(Address.key, Address.said_count, _texts)
    .outerjoin(_said, _said.c.address_key == Address.key)
    .where(
        or_(
            _said.c.numbers != _said.c.texts,
            _said.c.last > Address.said_count,
            _said.c.tail != Address.said_count - _said.c.first + 1,
            and_(Address.said_count != _texts, ~exists().where(_AGED)),
        )
    )
)
_there = select(func.count()).select_from(Outbox).scalar_subquery()
_counted = select(func.coalesce(func.sum(Address.said_count), 0)).scalar_subquery()
_TAKEN_AWAY = select(_counted, Ageing.gone, _there).where(_AGED, _counted - _there != Ageing.gone)


def _numbered(books: Books) -> Iterator[Fault]:
    """Since texts go when they are old, an address has all from the first one on that is too young for that.

    How many went is known of all addresses together: what else is missing was taken away.
    """
    for key, count, found in books.session.execute(_MISNUMBERED):
        yield Fault(
            f"address {key.hex()}",
            "{count} texts were said, the outbox holds {found} or numbers them wrongly",
            {"count": count, "found": found},
        )
    for count, gone, found in books.session.execute(_TAKEN_AWAY):
        yield Fault(
            "outbox",
            "{count} texts were said, {gone} went as they were old, {found} are there",
            {"count": count, "gone": gone, "found": found},
        )


_ASTRAY = (
    select(Join.address_key, Join.campaign_id)
    .outerjoin(Player, Player.id == Join.player_id)
    .where(or_(Player.id.is_(None), Player.campaign_id != Join.campaign_id, Player.merged_into.is_not(None)))
)
_ALONE = select(Player.id).where(Player.merged_into.is_(None), ~exists().where(Join.player_id == Player.id))


def _joined(books: Books) -> Iterator[Fault]:
    for address_key, campaign_id in books.session.execute(_ASTRAY):
        yield Fault(f"join {address_key.hex()} {campaign_id}", "leads to no player of its campaign")
    for player_id in books.session.scalars(_ALONE):
        yield Fault(f"player {player_id}", "no address speaks for this player")


_UNASKED = select(Address.key).where(
    or_(
        Address.question.is_(None) != Address.question_until.is_(None),
        and_(Address.question.is_(None), or_(Address.question_campaign_id.is_not(None), Address.question_again)),
        and_(
            Address.question_campaign_id.is_not(None),
            ~exists().where(Join.address_key == Address.key, Join.campaign_id == Address.question_campaign_id),
        ),
    )
)


def _asked(books: Books) -> Iterator[Fault]:
    for key in books.session.scalars(_UNASKED):
        yield Fault(f"address {key.hex()}", "was asked half a question, or one of a campaign that it has not joined")


CHECKS = (
    Check("every message has a stored answer, every answer its message", _answered),
    Check("every conversation is numbered without gaps", _numbered),
    Check("every join leads to a player of its campaign", _joined),
    Check("every question is whole, and of a campaign that its address has joined", _asked),
)
