"""Events: what a platform tells without words."""

from core.mechanics import Mechanic
from handlers.events import edited, shared, unattended, wordless

MECHANIC = Mechanic(
    name="events",
    routes=(*wordless.ROUTES, *shared.ROUTES, *edited.ROUTES, *unattended.ROUTES),
)
