"""What claims are as the result of a text."""

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.results.result import Result, result_rows
from handlers.claims.rules import has_claims
from handlers.claims.tables import Claim


def _none(rules: Rules) -> Line | None:
    return None if has_claims(rules) else remedy("nothing is claimed here; choose another result")


RESULTS = (
    Result(
        name="claims",
        chinese=("领奖",),
        says="Received a prize or gift that was claimed.",
        rows=result_rows(Claim.player_id, Claim.closed_at).where(Claim.state == "received"),
        absent=_none,
    ),
)
