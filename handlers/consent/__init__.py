"""Consent: to be left alone, or not any more."""

from pathlib import Path

from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
from core.permissions import load
from handlers.consent import kinds, measures, say, start
from handlers.consent.say import ROUTE as STOP_ROUTE
from handlers.consent.start import ROUTE as START_ROUTE
from handlers.consent.start import agree_again, says_yes
from handlers.consent.stop_words import says_stop

__all__ = [
    "MECHANIC",
    "START_ROUTE",
    "STOP_ROUTE",
    "agree_again",
    "says_stop",
    "says_yes",
]

MECHANIC = Mechanic(
    name="consent",
    texts=Path(__file__).parent / "texts",
    routes=(say.VERDICT_ROUTE, say.ROUTE, say.CARRIERS_ROUTE, start.ROUTE, *kinds.ROUTES),
    load=load,
    rank=90,
    segments=measures.SEGMENTS,
    measures=measures.MEASURES,
    menu=(MenuWord(11, "stop", Keyword(zh="退订", en="Stop"), ever=True),),
)
