"""Talk: whatever one may ask anybody who stands behind a counter."""

from handlers.talk.mechanic import MECHANIC

__all__ = ["MECHANIC"]
