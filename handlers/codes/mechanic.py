"""Codes: one on each pack, redeemed once."""

from core.mechanics import Mechanic
from handlers.codes import audit, limits, load, say

MECHANIC = Mechanic(
    name="codes",
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
    published=limits.refuse_unsafe_version,
    checks=audit.CHECKS,
    transfers=audit.TRANSFERS,
)
