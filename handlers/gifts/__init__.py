"""Gifts: what points are exchanged for."""

from pathlib import Path

from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
from handlers.gifts import audit, load, measures, say, stock
from handlers.gifts.events import Bought
from handlers.gifts.load import GiftRequires, GiftRows, lock_gifts
from handlers.gifts.rules import GiftRules, Gifts
from handlers.gifts.tables import Gift
from handlers.gifts.titles import title_findings

__all__ = [
    "MECHANIC",
    "Bought",
    "Gift",
    "GiftRequires",
    "GiftRows",
    "GiftRules",
    "Gifts",
    "lock_gifts",
]

MECHANIC = Mechanic(
    name="gifts",
    sections=(Gifts,),
    terms=say.terms,
    texts=Path(__file__).parent / "texts",
    titles=title_findings,
    tables=(Gift,),
    routes=(say.ROUTE,),
    prompts=say.PROMPTS,
    load=load.load,
    rank=30,
    published=stock.load_gifts,
    segments=measures.SEGMENTS,
    measures=measures.MEASURES,
    transfers=audit.TRANSFERS,
    menu=(
        MenuWord(
            4,
            "gifts",
            Keyword(zh="礼品", en="Gifts"),
            shows=lambda rules, _: bool(rules.section(Gifts).each),
            mine=True,
        ),
    ),
)
