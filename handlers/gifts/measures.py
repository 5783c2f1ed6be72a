"""What gifts come to."""

from core.answers import Line
from core.campaign.findings import remedy
from core.campaign.rules import Rules
from core.measures.measure import Measure, happened
from core.models import Transfer
from core.segments.facts import Facts
from core.segments.words import Happening, Number, Values
from handlers.gifts.rules import Gifts
from handlers.gifts.tables import Gift


def _nothing(rules: Rules) -> Line | None:
    return None if rules.section(Gifts).each else remedy("there are no gifts here; remove it")


def _gifts(rules: Rules) -> Values:
    """By their assets in the ledger."""
    return {f"{Gift.asset}:{each.name}": (each.name, *each.title.each) for each in rules.section(Gifts).each}


_BOUGHT = Facts(Transfer.owner_id, Transfer.at, (Transfer.reason == "gift",), item=Transfer.asset)

SEGMENTS = (
    Happening(
        name="bought a gift",
        also=("bought gifts", "bought gift", "bought"),
        chinese=("换过礼品", "兑换过礼品", "换礼品"),
        says="Bought a gift with points.",
        absent=_nothing,
        facts=_BOUGHT,
        things=_gifts,
    ),
    Number(
        name="gifts",
        chinese=("礼品数",),
        says="How many gifts they have bought.",
        absent=_nothing,
        facts=_BOUGHT,
        units=("gifts", "个"),
    ),
)

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
