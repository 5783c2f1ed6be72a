"""Segments: whom operators mean, counted, explained, named in campaign files and exported."""

from core.mechanics import Mechanic
from handlers.segments import rules, verbs

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(name="segments", sections=(rules.NamedSegments,), verbs=verbs.VERBS)
