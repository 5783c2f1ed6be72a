"""The word of claims for segments."""

from core.segments import Facts, Predicate
from handlers.claims.tables import Claim

_OPEN = Facts(Claim.player_id, Claim.opened_at, (Claim.state == "open",))

SEGMENTS = (
    Predicate(
        name="claimed",
        where=lambda _: ~_OPEN.exist(),
        check=lambda seen, _: seen.latest is None,
        latest=_OPEN.latest(),
    ),
)
