"""What can be won or bought: how it reaches a player, and what every prize and gift has."""

from typing import Annotated, Literal, Protocol

from pydantic import Field

from core.campaign.grammar import Phrases
from core.campaign.quantities import Money

ClaimKind = Literal["delivery", "voucher", "counter", "points"]
"""delivery: sent to an address; voucher: a code is said; counter: staff hand it over; points: credited at once."""
Vouchers = Literal["imported", "generated"]
Stock = Annotated[int, Field(ge=1, le=10**9, strict=True)]


class Goods(Protocol):
    """A prize or a gift."""

    @property
    def name(self) -> str:
        """What a campaign file calls it."""

    @property
    def title(self) -> Phrases:
        """What players call it."""

    @property
    def value(self) -> Money | None:
        """What one piece costs the organiser, where the file says so."""

    @property
    def stock(self) -> int:
        """How many pieces there are."""

    @property
    def claim(self) -> ClaimKind | None:
        """How it reaches its player; None where the organiser looks after that elsewhere."""

    @property
    def vouchers(self) -> Vouchers | None:
        """Where its vouchers come from, where it is handed over by one."""
