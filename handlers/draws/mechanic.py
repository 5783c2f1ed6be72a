"""Draws: a redeemed code may win a prize."""

from core.mechanics import Mechanic
from handlers.draws import audit, load

MECHANIC = Mechanic(
    name="draws",
    load=load.load,
    rank=20,
    checks=audit.CHECKS,
)
