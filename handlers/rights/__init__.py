"""Rights: a person has what is kept about them, and has it erased."""

from pathlib import Path

from core.audit.transfer_checks import PLAYER, house, moves
from core.mechanics import Mechanic
from core.retention.keep import LINKS
from core.retention.kinds import Aged
from handlers.rights import load, rights, say, verbs
from handlers.rights.tables import DataLink, Erasure

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="rights",
    texts=Path(__file__).parent / "texts",
    routes=say.ROUTES,
    prompts=(say.CONFIRM,),
    load=load.load,
    rank=91,
    tables=(DataLink, Erasure),
    transfers=(moves("erased:", PLAYER, house("erased")),),
    kept=rights.KEPT,
    ages=(Aged(table=DataLink, keep=LINKS, at=DataLink.expires_at),),
    verbs=verbs.VERBS,
)
