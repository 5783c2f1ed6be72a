"""What purchases are as the result of a text."""

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.results.result import Result, result_rows
from handlers.purchases.rules import PurchaseRules
from handlers.purchases.tables import Purchase


def _unknown(rules: Rules) -> Line | None:
    known = rules.section(PurchaseRules) is not None
    return None if known else remedy("nobody knows here what players buy; add purchases: with a currency")


def _currency(rules: Rules) -> str | None:
    found = rules.section(PurchaseRules)
    return found.currency if found else None


_paid = Purchase.amount - Purchase.refunded

RESULTS = (
    Result(
        name="purchases",
        chinese=("购买", "下单"),
        says="Bought something, by what was paid for it and not given back; nothing where all was given back.",
        rows=result_rows(Purchase.player_id, Purchase.at, _paid).where(
            Purchase.player_id.is_not(None), (_paid > 0) | (Purchase.refunded == 0)
        ),
        absent=_unknown,
        currency=_currency,
    ),
)
