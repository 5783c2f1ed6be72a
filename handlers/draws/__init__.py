"""Draws: a redeemed code may win a prize."""

from pathlib import Path

from core.events import Merged
from core.mechanics import Mechanic
from handlers.codes import Redeemed
from handlers.draws import audit, load, measures, play, profile, rights, say, stock, verbs
from handlers.draws.events import Won
from handlers.draws.load import DrawRows, lock_prizes
from handlers.draws.lottery import Chances
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

MECHANIC = Mechanic(
    name="draws",
    sections=(DrawRules,),
    terms=say.terms,
    texts=Path(__file__).parent / "texts",
    tables=(Prize, Draw),
    kept=rights.KEPT,
    load=load.load,
    rank=20,
    on={Redeemed: play.draw, Merged: play.inherit},
    says=say.say,
    published=stock.load_prizes,
    transfers=audit.TRANSFERS,
    triggers=measures.TRIGGERS,
    segments=measures.SEGMENTS,
    measures=measures.MEASURES,
    checks=audit.CHECKS,
    verbs=verbs.VERBS,
    profile=profile.profile,
)
