"""Events: what a platform tells without words."""

from pathlib import Path

from core.mechanics import Mechanic
from handlers.events import edits, platform_events, shared, unattended

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="events",
    texts=Path(__file__).parent / "texts",
    routes=(*platform_events.ROUTES, *shared.ROUTES, *edits.ROUTES, *unattended.ROUTES),
)
