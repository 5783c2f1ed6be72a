"""What redeemed codes are as the result of a text."""

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.results.result import Result, result_rows
from handlers.codes.tables import Redemption


def _none(rules: Rules) -> Line | None:
    return None if rules.takes_codes() else remedy("no code brings anything here; choose another result")


RESULTS = (
    Result(
        name="codes",
        chinese=("兑码", "奖码"),
        says="Redeemed a code.",
        rows=result_rows(Redemption.player_id, Redemption.at),
        absent=_none,
    ),
)
