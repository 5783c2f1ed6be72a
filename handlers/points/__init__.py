"""Points: what a player has, and how it came."""

from pathlib import Path

from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
from handlers.points import measures, profile, say
from handlers.points.verbs import VERBS

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="points",
    texts=Path(__file__).parent / "texts",
    routes=(say.ROUTE,),
    segments=measures.SEGMENTS,
    measures=measures.MEASURES,
    verbs=VERBS,
    profile=profile.profile,
    menu=(
        MenuWord(
            3,
            "points",
            Keyword(zh="积分", en="Points"),
            shows=lambda rules, _: rules.pays_codes(),
            mine=True,
        ),
    ),
)
