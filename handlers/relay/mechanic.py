"""The relay: torches that are handed on."""

from core.events import Joined, Merged
from core.mechanics import Mechanic
from handlers.relay import audit, board, load, name, say
from handlers.relay import react as passing
from handlers.relay import timers as timing

MECHANIC = Mechanic(
    name="relay",
    routes=(say.ROUTE, say.RELIGHT_ROUTE, say.PERK_ROUTE, board.ROUTE, name.ROUTE),
    load=load.load,
    rank=50,
    on={Joined: passing.hand_on, Merged: passing.inherit},
    timers=timing.KINDS,
    checks=audit.CHECKS,
)
