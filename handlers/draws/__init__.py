"""Draws: a redeemed code may win a prize."""

from handlers.draws.events import Won
from handlers.draws.load import DrawRows, lock_prizes
from handlers.draws.lottery import Chances
from handlers.draws.mechanic import MECHANIC
from handlers.draws.play import win
from handlers.draws.tables import Draw, Prize

__all__ = [
    "MECHANIC",
    "Chances",
    "Draw",
    "DrawRows",
    "Prize",
    "Won",
    "lock_prizes",
    "win",
]
