"""Purchases: what players bought, taken in from a till, and what was given back."""

from core.events import Addressed, Joined
from core.mechanics import Mechanic
from handlers.purchases import audit, profile, react, results, rights
from handlers.purchases.rules import PurchaseRules
from handlers.purchases.tables import Purchase, PurchaseImport, PurchaseItem, Refund
from handlers.purchases.verbs import VERBS

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="purchases",
    sections=(PurchaseRules,),
    tables=(PurchaseImport, Purchase, PurchaseItem, Refund),
    sealed=rights.SEALED,
    kept=rights.KEPT,
    forgets=rights.forget,
    timers=react.TIMERS,
    on={Joined: react.joined, Addressed: react.addressed},
    checks=audit.CHECKS,
    results=results.RESULTS,
    verbs=VERBS,
    profile=profile.profile,
)
