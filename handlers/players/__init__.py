"""Players, as operators see them: find one, look at one, block one, say something to one."""

from pathlib import Path

from core.mechanics import Mechanic
from handlers.players import audit, verbs

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(name="players", texts=Path(__file__).parent / "texts", verbs=verbs.VERBS, checks=audit.CHECKS)
