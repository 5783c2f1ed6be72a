"""Events: what a platform tells without words."""

from handlers.events.mechanic import MECHANIC

__all__ = ["MECHANIC"]
