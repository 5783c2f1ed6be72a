"""Invites: friends who bring friends in."""

from core.events import Joined, Merged
from core.mechanics import Mechanic
from handlers.invites import audit, load, recommend, say
from handlers.invites import react as joining

MECHANIC = Mechanic(
    name="invites",
    routes=(
        recommend.CONTACT_ROUTE,
        say.ROUTE,
        say.FRIENDS_ROUTE,
        say.TAKE_ROUTE,
        recommend.ROUTE,
        say.ACCEPT_ROUTE,
    ),
    related=load.related,
    load=load.load,
    rank=2,
    on={Joined: joining.attribute, Merged: joining.close},
    checks=audit.CHECKS,
)
