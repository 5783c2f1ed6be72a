"""What a campaign file says of claims: until when, who is reminded, and what becomes of what nobody claims."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from core.answers import Line
from core.campaign.findings import Unfit, remedy
from core.campaign.grammar import UsualSection, Within
from core.campaign.quantities import MoneyField, Span
from core.campaign.rules import Rules

_USUAL_REMINDERS = (timedelta(days=7), timedelta(days=1))


class ClaimRules(UsualSection):
    """Until when a prize or gift must be claimed, when its player is reminded, and what becomes of it otherwise."""

    key: ClassVar[str] = "claims"
    says: ClassVar[str] = "Until when prizes and gifts are claimed, and what becomes of those that nobody claims."

    within: Span = Field(timedelta(days=30), description="How long a player has to claim one.")
    remind: Annotated[tuple[Span, ...], Field(max_length=5)] | None = Field(
        None,
        description="Reminders, so long before the deadline; a week and a day before it where the file says nothing.",
    )
    unclaimed: Literal["stock", "second draw"] = Field(
        "stock",
        description=(
            "What becomes of a prize that nobody claims: stock, it goes back; second draw, it is drawn again"
            " among the codes that won nothing. A gift goes back in any case, and its points to the player."
        ),
    )
    approve_above: MoneyField | None = Field(
        None, description="A prize or gift of a greater value leaves only after two different operators approved it."
    )

    @model_validator(mode="after")
    def _in_order(self) -> "ClaimRules":
        if self.within < timedelta(minutes=1):
            raise Unfit("within: give at least a minute")
        if any(not timedelta() < before < self.within for before in self.remind or ()):
            raise Unfit("remind: each lies between the win and the deadline; give shorter ones")
        return self

    def reminders(self) -> tuple[timedelta, ...]:
        """How long before the deadline the player is reminded, first one first."""
        chosen = _USUAL_REMINDERS if self.remind is None else self.remind
        return tuple(sorted({before for before in chosen if before < self.within}, reverse=True))

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """Something is claimed, and values can be compared."""
        if not has_claims(rules):
            yield (), remedy("no prize and no gift is claimed; add claim: delivery to one, or remove this")
        limit = self.approve_above
        for money in (item.value for _, item in rules.goods()):
            if limit is not None and money is not None and money.currency != limit.currency:
                told = "is in {currency}, but a value is in {other}; use one"
                yield ("approve_above",), remedy(told, currency=limit.currency, other=money.currency)
                return


def has_claims(rules: Rules) -> bool:
    """Whether anything of a campaign is claimed."""
    return any(item.claim for _, item in rules.goods())
