"""Points: what a player has, and how it came."""

from handlers.points.mechanic import MECHANIC

__all__ = ["MECHANIC"]
