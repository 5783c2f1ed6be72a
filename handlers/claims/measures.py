"""The word of claims for segments."""

from core.campaign.rules import Rules
from core.segments import Facts, Predicate
from handlers.claims.tables import Claim

_OPEN = Facts(Claim.player_id, Claim.opened_at, (Claim.state == "open",))


def _no_reason(rules: Rules, after: str) -> str | None:
    if after != "win":
        return "claimed goes with: after win; use another"
    claimed = any(item.claim for _, item in rules.goods())
    return None if claimed else "nothing is claimed here; give a prize a claim, or use another"


SEGMENTS = (
    Predicate(
        name="claimed",
        where=lambda _: ~_OPEN.exist(),
        check=lambda seen, _: seen.latest is None,
        latest=_OPEN.latest(),
        as_reason=_no_reason,
    ),
)
