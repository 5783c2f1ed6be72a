"""Broadcasts: what an operator says once, to all players of a segment whose list is frozen when it is confirmed."""

from pathlib import Path

from core.mechanics import Mechanic
from core.models import Broadcast, BroadcastMember, BroadcastTest
from handlers.broadcasts.audit import CHECKS
from handlers.broadcasts.in_files import refuse_twins
from handlers.broadcasts.measures import MEASURES
from handlers.broadcasts.restored import stop_all
from handlers.broadcasts.rights import KEPT
from handlers.broadcasts.rules import Broadcasts
from handlers.broadcasts.verbs import VERBS
from handlers.broadcasts.version_verbs import VERSION_VERBS

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="broadcasts",
    sections=(Broadcasts,),
    texts=Path(__file__).parent / "texts",
    tables=(Broadcast, BroadcastMember, BroadcastTest),
    kept=KEPT,
    verbs=(*VERBS, *VERSION_VERBS),
    measures=MEASURES,
    checks=CHECKS,
    published=refuse_twins,
    restored=stop_all,
)
