"""Gifts: what points are exchanged for."""

from core.mechanics import Mechanic
from handlers.gifts import load, say

MECHANIC = Mechanic(
    name="gifts",
    routes=(say.ROUTE,),
    topics=say.TOPICS,
    load=load.load,
    rank=30,
)
