"""The relay's words for segments."""

from core.segments import Facts, Predicate, since_then
from handlers.relay.tables import Torch

_HELD = Facts(Torch.player_id, Torch.granted_at)
_LIT = Facts(Torch.player_id, Torch.lit_at, (Torch.state == "lit",))
_UNLIT = Facts(Torch.player_id, Torch.ends_at, (Torch.state == "unlit",))

AMBASSADORS = Predicate(
    name="ambassadors",
    where=_HELD.exist_since,
    check=since_then,
    latest=_HELD.latest(),
    lasts=True,
)
LIT = Predicate(name="lit", where=_LIT.exist_since, check=since_then, latest=_LIT.latest(), lasts=True)
UNLIT = Predicate(
    name="unlit",
    where=lambda asked: _UNLIT.exist(Torch.ends_at > asked.at),
    check=lambda seen, asked: seen.latest is not None and seen.latest > asked.at,
    latest=_UNLIT.latest(),
)

SEGMENTS = (AMBASSADORS, UNLIT, LIT)
