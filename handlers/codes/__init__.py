"""Codes: one on each pack, redeemed once."""

from pathlib import Path

from core.events import Merged
from core.mechanics import Mechanic
from core.models import Batch
from handlers.codes import audit, limits, load, measures, profile, react, results, rights, say, verbs
from handlers.codes.events import Redeemed
from handlers.codes.load import CodeRequires, CodeRows, FoundCode, campaign_of, code_hash, played_by
from handlers.codes.measures import CodeHistory, load_history
from handlers.codes.rules import CodeRules
from handlers.codes.say import (
    ALONE_ROUTE,
    Mistyped,
    Redeem,
    mistyped,
    recognise_code,
    recognise_code_alone,
    recognise_hidden_code,
    recognise_typo,
    redeem,
)
from handlers.codes.tables import Code, Redemption

__all__ = [
    "ALONE_ROUTE",
    "MECHANIC",
    "CodeHistory",
    "CodeRequires",
    "CodeRows",
    "FoundCode",
    "Mistyped",
    "Redeem",
    "Redeemed",
    "Redemption",
    "campaign_of",
    "code_hash",
    "load_history",
    "mistyped",
    "played_by",
    "recognise_code",
    "recognise_code_alone",
    "recognise_hidden_code",
    "recognise_typo",
    "redeem",
]

MECHANIC = Mechanic(
    name="codes",
    sections=(CodeRules,),
    terms=say.terms,
    texts=Path(__file__).parent / "texts",
    tables=(Batch, Code, Redemption),
    kept=rights.KEPT,
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
    measures=measures.MEASURES,
    results=results.RESULTS,
    checks=audit.CHECKS,
    verbs=verbs.VERBS,
    profile=profile.profile,
    transfers=audit.TRANSFERS,
)
