"""Points: what a player has, and how it came."""

from core.mechanics import Mechanic
from handlers.points import say

MECHANIC = Mechanic(
    name="points",
    routes=(say.ROUTE,),
)
