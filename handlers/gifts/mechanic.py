"""Gifts: what points are exchanged for."""

from core.mechanics import Mechanic
from core.menu import MenuWord
from handlers.gifts import load, say

MECHANIC = Mechanic(
    name="gifts",
    routes=(say.ROUTE,),
    prompts=say.PROMPTS,
    load=load.load,
    rank=30,
    menu=(
        MenuWord(
            4,
            "gifts",
            {"zh": "礼品", "en": "Gifts"},
            {"zh": "用积分兑换礼品", "en": "Get gifts for points"},
            shows=lambda rules, _: bool(rules.gifts),
            mine=True,
        ),
    ),
)
