"""The look of a brand: its colour and its logo, on pages and pictures."""

from core.mechanics import Mechanic
from handlers.look.keeping import keep_logo
from handlers.look.rules import LookRules
from handlers.look.tables import Logo

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(name="look", sections=(LookRules,), tables=(Logo,), published=keep_logo)
