"""The relay: torches that are handed on."""

from pathlib import Path

from core.events import Joined, Merged
from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
from handlers.codes import Redeemed
from handlers.relay import audit, board, first_torch, load, measures, name, profile, react, rights, say, timers, verbs
from handlers.relay.rules import NameRules, RelayRules, relay_on
from handlers.relay.tables import Chain, QuotaDay, RelayNews, Runner, RunnerDay, Tally, Torch

__all__ = ["MECHANIC"]

MECHANIC = Mechanic(
    name="relay",
    texts=Path(__file__).parent / "texts",
    tables=(Torch, QuotaDay, RelayNews, Chain, Runner, RunnerDay, Tally),
    sealed=rights.SEALED,
    kept=rights.KEPT,
    forgets=rights.forget,
    sections=(RelayRules, NameRules),
    help=say.help_lines,
    terms=say.terms,
    routes=(say.ROUTE, say.RELIGHT_ROUTE, say.PERK_ROUTE, board.ROUTE, name.ROUTE),
    load=load.load,
    rank=50,
    on={Joined: react.hand_on, Redeemed: first_torch.earn_by_code, Merged: react.inherit},
    says=say.brought,
    timers=timers.KINDS,
    schedule=timers.SCHEDULE,
    segments=measures.SEGMENTS,
    triggers=measures.TRIGGERS,
    measures=measures.MEASURES,
    checks=audit.CHECKS,
    verbs=verbs.VERBS,
    profile=profile.profile,
    finds=profile.FINDERS,
    menu=(
        MenuWord(1, "torch", Keyword(zh="火炬", en="Torch"), shows=relay_on),
        MenuWord(7, "board", Keyword(zh="排行榜", en="Board"), shows=relay_on),
    ),
)
