"""What claims come to, and their word for segments."""

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.measures.measure import Measure, happened
from core.segments import Facts, Predicate
from handlers.claims.tables import Claim

_OPEN = Facts(Claim.player_id, Claim.opened_at, (Claim.state == "open",))


def _claimed(rules: Rules) -> bool:
    return any(item.claim for _, item in rules.goods())


def _no_reason(rules: Rules, after: str) -> Line | None:
    if after != "win":
        return remedy("claimed goes with: after win; use another")
    return None if _claimed(rules) else remedy("nothing is claimed here; give a prize a claim, or use another")


SEGMENTS = (
    Predicate(
        name="claimed",
        where=lambda _: ~_OPEN.exist(),
        check=lambda seen, _: seen.latest is None,
        latest=_OPEN.latest(),
        as_reason=_no_reason,
    ),
)

MEASURES = (
    Measure(
        name="claims opened",
        chinese="待领奖品",
        says="Prizes and gifts that began to be claimed.",
        counts=happened(Claim.player_id, Claim.opened_at),
        told=_claimed,
    ),
    Measure(
        name="claims delivered",
        chinese="已领奖品",
        says="Prizes and gifts that have reached their players, by when they did.",
        counts=happened(Claim.player_id, Claim.closed_at, Claim.state == "received"),
        told=_claimed,
    ),
)
