"""Linking: two addresses become one person, and two players one."""

from core.mechanics import Mechanic
from handlers.linking import load, say

MECHANIC = Mechanic(
    name="linking",
    routes=(say.ROUTE, say.USE_ROUTE),
    related=load.related,
    load=load.load,
    rank=1,
)
