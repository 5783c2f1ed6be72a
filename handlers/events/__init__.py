"""Events: what a platform tells without words."""

from pathlib import Path

from core.mechanics import Mechanic
from handlers.events import edited, shared, unattended, wordless

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="events",
    texts=Path(__file__).parent / "texts",
    routes=(*wordless.ROUTES, *shared.ROUTES, *edited.ROUTES, *unattended.ROUTES),
)
