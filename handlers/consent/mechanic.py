"""Consent: to be left alone, or not any more."""

from core.mechanics import Mechanic
from handlers.consent import say, start

MECHANIC = Mechanic(
    name="consent",
    routes=(say.VERDICT_ROUTE, say.ROUTE, say.CARRIERS_ROUTE, start.ROUTE),
)
