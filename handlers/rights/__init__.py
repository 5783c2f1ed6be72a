"""Rights: a person has what is kept about them, and may take it along."""

from pathlib import Path

from core.mechanics import Mechanic
from core.retention.keep import LINKS
from core.retention.kinds import Aged
from handlers.rights import rights, say, verbs
from handlers.rights.tables import DataLink

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="rights",
    texts=Path(__file__).parent / "texts",
    routes=(say.DATA_ROUTE,),
    tables=(DataLink,),
    kept=rights.KEPT,
    ages=(Aged(table=DataLink, keep=LINKS, at=DataLink.expires_at),),
    verbs=verbs.VERBS,
)
