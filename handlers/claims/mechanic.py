"""Claims: how what was won or bought reaches its player."""

from core.events import Joined, Merged
from core.mechanics import Mechanic
from handlers.claims import audit, delivery, load, parcel, say, unasked
from handlers.claims import timers as timing

MECHANIC = Mechanic(
    name="claims",
    routes=(say.ROUTE, parcel.ROUTE),
    topics=(*say.TOPICS, *delivery.TOPICS, *unasked.TOPICS),
    load=load.load,
    rank=40,
    on={Joined: load.begin, Merged: load.inherit},
    timers=timing.KINDS,
    checks=audit.CHECKS,
)
