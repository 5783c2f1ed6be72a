"""What a campaign file says of purchases."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from core.campaign.grammar import Section

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class PurchaseRules(Section):
    """That what players buy is known."""

    key: ClassVar[str] = "purchases"
    says: ClassVar[str] = "That it is known what players buy: taken in from a till."

    currency: Currency = Field(description="What is paid in, as three capital letters, for example CNY.")
