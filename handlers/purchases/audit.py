"""Checks of purchases: whose they are, that refunds add up, and that a campaign has them."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select

from core.audit.faults import Books, Check, Fault
from core.models import Player
from handlers.purchases.rules import PurchaseRules
from handlers.purchases.tables import Purchase, PurchaseItem, Refund

_ASTRAY = (
    select(Purchase.id)
    .outerjoin(Player, Player.id == Purchase.player_id)
    .where(Purchase.player_id.is_not(None), or_(Player.id.is_(None), Player.campaign_id != Purchase.campaign_id))
)
_given = (
    select(Refund.purchase_id, func.sum(Refund.amount).label("amount")).group_by(Refund.purchase_id).subquery("given")
)
_UNEVEN = (
    select(Purchase.id)
    .outerjoin(_given, _given.c.purchase_id == Purchase.id)
    .where(Purchase.refunded != func.coalesce(_given.c.amount, 0))
)
_LOOSE = (
    select(PurchaseItem.purchase_id)
    .outerjoin(Purchase, Purchase.id == PurchaseItem.purchase_id)
    .where(Purchase.id.is_(None))
    .distinct()
)


def _owned(books: Books) -> Iterator[Fault]:
    for purchase_id in books.session.scalars(_ASTRAY):
        yield Fault(f"purchase {purchase_id}", "is of no player of its campaign")


def _even(books: Books) -> Iterator[Fault]:
    for purchase_id in books.session.scalars(_UNEVEN):
        yield Fault(f"purchase {purchase_id}", "has another sum of refunds than was given back")


def _held(books: Books) -> Iterator[Fault]:
    for purchase_id in books.session.scalars(_LOOSE):
        yield Fault(f"purchase {purchase_id}", "is not there, though things of it are")
    known = {
        campaign_id
        for campaign_id, versions in books.rules.items()
        if any(rules.section(PurchaseRules) is not None for rules in versions.values())
    }
    for campaign_id in books.session.scalars(select(Purchase.campaign_id).distinct()):
        if campaign_id not in known:
            yield Fault(f"campaign {campaign_id}", "has purchases, and no rules of them")


CHECKS = (
    Check("every purchase is of a player of its campaign, or of nobody yet", _owned),
    Check("what was given back of every purchase is the sum of its refunds", _even),
    Check("everything that was bought is of a purchase of a campaign that has them", _held),
)
