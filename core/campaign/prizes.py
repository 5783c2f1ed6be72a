"""Prizes: what can be won, and how their release is spread."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.campaign.goods import ClaimKind, Stock, Vouchers
from core.campaign.grammar import Name, Part, Phrases
from core.campaign.quantities import MoneyField, Points


class PrizeRules(Part):
    """A prize: what it is, what it is worth, how many there are and how their release is spread."""

    name: Name
    title: Phrases
    value: MoneyField
    stock: Stock
    weight: Annotated[int, Field(ge=1, le=10**9, strict=True)] = 1
    """Among the prizes in stock, a winning roll falls on each in proportion to its weight."""
    pace: Literal["none", "hourly", "daily"] = "none"
    """daily: on day k of n, k/n of the stock has been released."""
    claim: ClaimKind | None = None
    """How a winner gets it; without it the organiser looks after that elsewhere."""
    vouchers: Vouchers | None = None
    """Of a prize with ``claim: voucher``: imported (the default) or generated here."""
    points: Points | None = None
    """Of a prize with ``claim: points``: how many."""

    @model_validator(mode="after")
    def _fits(self) -> "PrizeRules":
        if self.vouchers and self.claim != "voucher":
            raise ValueError("vouchers: only a prize with claim: voucher has them")
        if (self.claim == "points") != bool(self.points):
            raise ValueError("points: a prize with claim: points says how many, and only such a prize")
        return self
