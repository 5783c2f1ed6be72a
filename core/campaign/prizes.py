"""What can be won or bought, and how it reaches a player: prizes, gifts, and the rules of claims."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.campaign.grammar import Limit, Name, Part, Phrases
from core.campaign.quantities import MoneyField, Points, Span

ClaimKind = Literal["delivery", "voucher", "counter", "points"]
"""delivery: sent to an address; voucher: a code is said; counter: staff hand it over; points: credited at once."""
Vouchers = Literal["imported", "generated"]
_USUAL_REMINDERS = (timedelta(days=7), timedelta(days=1))
Stock = Annotated[int, Field(ge=1, le=10**9, strict=True)]


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


class GiftRules(Part):
    """A gift: what it is, its price in points, how many there are and how many one player may have."""

    name: Name
    title: Phrases
    price: Annotated[Points, Field(ge=1)]
    stock: Stock
    claim: Literal["delivery", "voucher", "counter"]
    value: MoneyField | None = None
    """What it costs the organiser, where that is more than the worth of its points."""
    vouchers: Vouchers | None = None
    per_player: Limit | None = None

    @model_validator(mode="after")
    def _fits(self) -> "GiftRules":
        if self.vouchers and self.claim != "voucher":
            raise ValueError("vouchers: only a gift with claim: voucher has them")
        return self


class ClaimRules(Part):
    """Until when a prize or gift must be claimed, when its player is reminded, and what becomes of it otherwise."""

    within: Span = timedelta(days=30)
    remind: Annotated[tuple[Span, ...], Field(max_length=5)] | None = None
    """So long before the deadline; a week and a day before where the file says nothing."""
    unclaimed: Literal["stock", "second draw"] = "stock"
    """What becomes of a prize that was drawn; a gift goes back to stock and its points to the player."""
    approve_above: MoneyField | None = None
    """A prize or gift of a greater value waits for two different operators."""

    @model_validator(mode="after")
    def _in_order(self) -> "ClaimRules":
        if self.within < timedelta(minutes=1):
            raise ValueError("within: give at least a minute")
        if any(not timedelta() < before < self.within for before in self.remind or ()):
            raise ValueError("remind: each lies between the win and the deadline; give shorter ones")
        return self

    def reminders(self) -> tuple[timedelta, ...]:
        """How long before the deadline the player is reminded, first one first."""
        chosen = _USUAL_REMINDERS if self.remind is None else self.remind
        return tuple(sorted({before for before in chosen if before < self.within}, reverse=True))
