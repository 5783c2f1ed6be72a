"""List for the warehouse what is ready to ship, and note which revision of each claim it was given."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from core import bulk, database, lists
from core.campaign.publication import get_campaign
from core.campaign.published import newest_rules
from core.campaign.rules import Rules
from core.keys import Keyring
from core.phones import for_courier
from core.texts.formats import to_the_minute
from handlers.claims.details import Details, details_of
from handlers.claims.play import title_of
from handlers.claims.tables import Claim

AT_ONCE = 1_000
MOST_LINES = 50_000
"""Of one list: with long addresses more would be too large a file to be read again."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel to be packed."""

    claim_id: int
    revision: int
    item: str
    title: dict[str, str]
    details: Details
    """All of them, ``phone`` as a courier of the campaign's region dials it."""
    opened: str
    """When it was won or bought, in the campaign's zone."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one list will hold: the claims that were ready when it was begun, oldest first."""

    rules: Rules
    claim_ids: Sequence[int]
    left: int
    """So many more are ready, and wait for the next list."""
    again: bool
    """Whether it holds what was listed before, too."""


Prepared = Mapping[tuple[int, int], Shipment]
"""What was read before anything was locked, by claim and revision."""


def _ready(*, again: bool) -> list[ColumnElement[bool]]:
    conditions = [
        Claim.kind == "delivery",
        Claim.state == "ready",
        Claim.revision > 0,
        or_(~Claim.needs_approval, Claim.second_approver.is_not(None)),
    ]
    if not again:
        conditions.append(or_(Claim.exported_revision.is_(None), Claim.exported_revision < Claim.revision))
    return conditions


def find_outgoing(session: Session, campaign_name: str, *, again: bool, most: int) -> Outgoing:
    """Up to ``most`` deliveries that have their details and approvals and were not listed in their newest revision.

    With ``again`` those that were, too. Raises CampaignRefused.
    """
    campaign = get_campaign(session, campaign_name)
    mine = select(Claim.id).where(Claim.campaign_id == campaign.id, *_ready(again=again)).order_by(Claim.id)
    ids = session.scalars(mine).all()
    return Outgoing(newest_rules(session, campaign), ids[:most], max(len(ids) - most, 0), again)


def listed_before(session: Session, campaign_name: str, claim_ids: Sequence[int]) -> Outgoing:
    """The claims of a list that was begun before, marked as listed or not. Raises CampaignRefused."""
    return Outgoing(newest_rules(session, get_campaign(session, campaign_name)), claim_ids, 0, again=True)


def prepare(
    session: Session, keys: Keyring, outgoing: Outgoing, advance: Callable[[int], object] = lambda _done: None
) -> Prepared:
    """Read the details of ``outgoing``, which takes longest, while nothing is locked; ``advance`` is told how many.

    Raises KeysUnusable.
    """
    prepared: dict[tuple[int, int], Shipment] = {}
    statement = select(Claim).where(lists.among(Claim.id, "ids"))
    for ids in _chunks(outgoing):
        for claim in session.scalars(statement, {"ids": ids}):
            prepared[claim.id, claim.revision] = _listed(keys, outgoing.rules, claim)
        session.expunge_all()
        advance(len(ids))
    return prepared


def dispatch(session: Session, keys: Keyring, outgoing: Outgoing, prepared: Prepared) -> Iterator[Shipment]:
    """Lock the claims of ``outgoing``, mark them as listed, and yield them.

    They stay locked until the caller commits, so that of two lists at once none holds what the other one does. Those
    that have shipped or were cancelled meanwhile are left out, and those that were changed are read again. What a
    player changes after that makes a revision that :func:`handlers.claims.operating.ship` does not find on the list.
    Raises KeysUnusable.
    """
    statement = select(Claim).where(lists.among(Claim.id, "ids"), *_ready(again=outgoing.again))
    for ids in _chunks(outgoing):
        claims = session.scalars(database.locked(statement, Claim.id, Claim), {"ids": ids}).all()
        some = [prepared.get((claim.id, claim.revision)) or _listed(keys, outgoing.rules, claim) for claim in claims]
        for claim in claims:
            claim.exported_revision = claim.revision
        bulk.write_changes(session)
        yield from some


def _chunks(outgoing: Outgoing) -> Iterator[Sequence[int]]:
    for start in range(0, len(outgoing.claim_ids), AT_ONCE):
        yield outgoing.claim_ids[start : start + AT_ONCE]


def _listed(keys: Keyring, rules: Rules, claim: Claim) -> Shipment:
    known = details_of(keys, claim)
    phone = for_courier(known.phone, rules.region) if known.phone else None
    return Shipment(
        claim_id=claim.id,
        revision=claim.revision,
        item=claim.item,
        title=title_of(rules, claim),
        details=Details(known.name, phone, known.address),
        opened=to_the_minute(claim.opened_at, rules.zone),
    )
