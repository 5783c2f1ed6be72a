"""What gifts come to."""

from core.measures.measure import Measure, happened
from core.models import Transfer
from handlers.gifts.rules import Gifts
from handlers.gifts.tables import Gift

MEASURES = (
    Measure(
        name="gifts bought",
        chinese="兑换礼品",
        says="Gifts that players bought with points, by the ledger, whether or not they have arrived.",
        counts=happened(
            Transfer.owner_id, Transfer.at, Transfer.asset.startswith(f"{Gift.asset}:"), Transfer.reason == "gift"
        ),
        told=lambda rules: bool(rules.section(Gifts).each),
    ),
)
