"""What purchases show of one player: how many there are, what was paid, and the last one."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.answers import AnswerPart, line
from core.campaign.quantities import Money
from core.profile import ShownPlayer
from handlers.purchases.rules import PurchaseRules
from handlers.purchases.tables import Purchase


def profile(shown: ShownPlayer) -> Sequence[AnswerPart]:
    """Of the player's own, and of those of whoever was linked."""
    rules = shown.campaign.rules.section(PurchaseRules)
    if rules is None:
        return []
    sums = select(func.count(), func.sum(Purchase.amount - Purchase.refunded), func.max(Purchase.at))
    count, cents, last = shown.session.execute(sums.where(Purchase.player_id.in_(shown.ids))).one()
    if not count:
        return []
    told = "Purchases: {count}, {spent} after refunds, the last on {at:%Y-%m-%d}."
    return [line(told, count=count, spent=str(Money(int(cents), rules.currency)), at=last)]
