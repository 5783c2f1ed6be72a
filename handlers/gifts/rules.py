"""What a campaign file says of gifts: what points buy."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from core.answers import Line
from core.campaign.findings import Unfit, remedy
from core.campaign.goods import Goods, Stock, Vouchers
from core.campaign.grammar import Limit, Named, Phrases, SectionList, Within
from core.campaign.quantities import MoneyField, Points
from core.campaign.rules import Rules
from core.messages import Keyword

SHOWN_AGAIN_BY = Keyword(zh="礼品", en="GIFTS")
"""The word for the list of gifts."""


class GiftRules(Named):
    """A gift: what it is, its price in points, how many there are and how many one player may have."""

    title: Phrases = Field(description="What players call it.")
    price: Annotated[Points, Field(ge=1)] = Field(description="What it costs a player.")
    stock: Stock = Field(description="How many pieces there are.")
    claim: Literal["delivery", "voucher", "counter"] = Field(
        description=(
            "How a player gets it: delivery to an address, a voucher code in the chat, or at the counter from"
            " your staff."
        )
    )
    value: MoneyField | None = Field(
        None, description="What one piece costs you, where that is more than its points are worth."
    )
    vouchers: Vouchers | None = Field(
        None,
        description=(
            "With claim: voucher, where the codes come from: imported, you bring them (the usual); generated,"
            " we make them."
        ),
    )
    per_player: Limit | None = Field(None, description="How many one player may have.")

    @model_validator(mode="after")
    def _fits(self) -> "GiftRules":
        if self.vouchers and self.claim != "voucher":
            raise Unfit("vouchers: only a gift with claim: voucher has them")
        return self


class Gifts(SectionList[GiftRules]):
    """Everything that points buy."""

    key: ClassVar[str] = "gifts"
    says: ClassVar[str] = "What points buy: a list."
    called: ClassVar[str] = "gifts"

    def goods(self) -> Iterable[tuple[Within, Goods]]:
        """Every gift."""
        return (((position,), gift) for position, gift in enumerate(self.each))

    def costs(self, rules: Rules, codes_count: int) -> int:
        """What gifts cost beyond the worth of their points, which are counted where they are earned."""
        del codes_count
        worth = rules.points.worth.cents if rules.points.worth else 0
        return sum(max(gift.value.cents - gift.price * worth, 0) * gift.stock for gift in self.each if gift.value)

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """There is something to buy, and a way to earn what it costs."""
        if not self.each:
            yield (), remedy("the list is empty; add a gift or remove the line")
        earned = rules.earned() or any(section.gives_points for section in rules.each())
        if self.each and not earned:
            yield (), remedy("nobody can earn points for them; add draw.otherwise, points.earn or invites")

    def shown_again_by(self) -> Keyword | None:
        """The word for the list of gifts."""
        return SHOWN_AGAIN_BY if self.each else None
