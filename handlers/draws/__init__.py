"""Draws: a redeemed code may win a prize."""

from handlers.draws.events import Won
from handlers.draws.load import DrawRows, lock_prizes
from handlers.draws.lottery import Chances
from handlers.draws.mechanic import MECHANIC
from handlers.draws.play import win
from handlers.draws.rules import DrawRules, PrizeRules, prize_of, prizes_of
from handlers.draws.tables import Draw, Prize

__all__ = [
    "MECHANIC",
    "Chances",
    "Draw",
    "DrawRows",
    "DrawRules",
    "Prize",
    "PrizeRules",
    "Won",
    "lock_prizes",
    "prize_of",
    "prizes_of",
    "win",
]
