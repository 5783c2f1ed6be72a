"""Codes: one on each pack, redeemed once."""

from pathlib import Path

from core.events import Merged
from core.mechanics import Mechanic
from core.models import Batch
from handlers.codes import audit, limits, load, measures, react, say, verbs
from handlers.codes.rules import CodeRules
from handlers.codes.tables import Code, Redemption

MECHANIC = Mechanic(
    name="codes",
    sections=(CodeRules,),
    terms=say.terms,
    texts=Path(__file__).parent / "texts",
    tables=(Batch, Code, Redemption),
    routes=(
        say.ALONE_ROUTE,
        say.ASK_ROUTE,
        say.ROUTE,
        say.TYPO_ROUTE,
        say.HIDDEN_ALONE_ROUTE,
        say.HIDDEN_ROUTE,
    ),
    load=load.load,
    rank=10,
    on={Merged: react.inherit},
    published=limits.refuse_unsafe_version,
    segments=measures.SEGMENTS,
    triggers=measures.TRIGGERS,
    checks=audit.CHECKS,
    verbs=verbs.VERBS,
    transfers=audit.TRANSFERS,
)
