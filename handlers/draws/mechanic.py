"""Draws: a redeemed code may win a prize."""

from core.mechanics import Mechanic
from handlers.draws import audit, load, stock
from handlers.draws.tables import Draw, Prize

MECHANIC = Mechanic(
    name="draws",
    tables=(Prize, Draw),
    load=load.load,
    rank=20,
    published=stock.load_prizes,
    transfers=audit.TRANSFERS,
    checks=audit.CHECKS,
)
