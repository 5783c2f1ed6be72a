"""What a campaign file says of its draw: the odds, what can be won, and what everybody else earns.

Sources of what must not be published: State Administration for Market Regulation, Order 32 of 2020 (top prize at most
¥50,000); Pepsi 349 of 1992 (what prizes can cost is checked against what is really printed).
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from core.answers import Line, Verbatim, line
from core.campaign.findings import Unfit, remedy
from core.campaign.goods import ClaimKind, Goods, Stock, Vouchers
from core.campaign.grammar import Limit, Name, Part, Phrases, Section, Within, refuse_twins
from core.campaign.quantities import Money, MoneyField, Odds, Percent, Points
from core.campaign.rules import Rules

TOP_PRIZE = Money(5_000_000, "CNY")
"""Order 32 of 2020, article 17: the highest prize of a prize sale is worth at most ¥50,000."""

_WHOLE_PERCENT = 100


class PrizeRules(Part):
    """A prize: what it is, what it is worth, how many there are and how their release is spread."""

    name: Name = Field(description="What your lists call it; each name once.")
    title: Phrases = Field(description="What players call it.")
    value: MoneyField = Field(description="What one piece costs you; by law at most 50000 CNY (Order 32 of 2020).")
    stock: Stock = Field(description="How many pieces there are.")
    weight: Annotated[int, Field(ge=1, le=10**9, strict=True)] = Field(
        1,
        description=(
            "How often a win brings this one, beside the weights of the others: 20 comes twenty times as often as 1."
        ),
    )
    pace: Literal["none", "hourly", "daily"] = Field(
        "none", description="How its stock is released: none, all at once; hourly or daily, evenly until the end."
    )
    claim: ClaimKind | None = Field(
        None,
        description=(
            "How the winner gets it: delivery to an address, a voucher code in the chat, at the counter from"
            " your staff, or points at once. Without it you look after that elsewhere."
        ),
    )
    vouchers: Vouchers | None = Field(
        None,
        description=(
            "With claim: voucher, where the codes come from: imported, you bring them (the usual); generated,"
            " we make them."
        ),
    )
    points: Points | None = Field(None, description="With claim: points, how many.")

    @model_validator(mode="after")
    def _fits(self) -> "PrizeRules":
        if self.vouchers and self.claim != "voucher":
            raise Unfit("vouchers: only a prize with claim: voucher has them")
        if (self.claim == "points") != bool(self.points):
            raise Unfit("points: a prize with claim: points says how many, and only such a prize")
        return self


class Boost(Part):
    """Odds that grow with points: every ``every`` points add ``adds`` of the base odds, up to ``at_most`` of them."""

    every: Points = Field(description="The odds grow with each full amount of so many points.")
    adds: Percent = Field(description="By how much they grow each time, in per cent of the base odds.")
    at_most: Percent = Field(
        description="The most that they grow to, in per cent of the base odds: 200% is twice as good."
    )

    @model_validator(mode="after")
    def _sensible(self) -> "Boost":
        if self.every < 1:
            raise Unfit("every: give at least 1 points")
        if self.at_most < _WHOLE_PERCENT:
            raise Unfit("at_most: a boost cannot lower the odds; give 100% or more")
        return self


class DrawRules(Section):
    """One roll for each code."""

    key: ClassVar[str] = "draw"
    says: ClassVar[str] = "A draw: each code is one roll, and the answer comes at once."

    odds: Odds = Field(description="The chance of each code to win: one in twenty is 1/20.")
    boost: Boost | None = Field(None, description="Better odds for whoever has points.")
    prizes: Annotated[tuple[PrizeRules, ...], Field(min_length=1, max_length=50)] = Field(
        description="What can be won: a list."
    )
    otherwise: Points | None = Field(None, description="Points for a code that wins nothing.")
    per_player_per_day: Limit | None = Field(
        None, description="Rolls of one player on a day; a further code earns what otherwise says, without a roll."
    )
    wins_per_player: Limit | None = Field(
        None,
        description=(
            "Prizes of one player in the whole campaign; after these a code earns what otherwise says, without a roll."
        ),
    )

    @field_validator("prizes")
    @classmethod
    def _named_once(cls, prizes: tuple[PrizeRules, ...]) -> tuple[PrizeRules, ...]:
        refuse_twins("prizes", [prize.name for prize in prizes])
        return prizes

    def highest_odds(self) -> Fraction:
        """The base odds with the largest boost."""
        return self.odds * (self.boost.at_most if self.boost else 100) / 100

    def prize(self, name: str) -> PrizeRules | None:
        """The prize called ``name``."""
        return next((prize for prize in self.prizes if prize.name == name), None)

    @property
    def played(self) -> bool:
        """It is."""
        return True

    @property
    def takes_codes(self) -> bool:
        """Each is a roll."""
        return True

    @property
    def wins(self) -> bool:
        """A code may win a prize."""
        return True

    @property
    def consoles(self) -> int:
        """What a roll earns that wins nothing."""
        return self.otherwise or 0

    @property
    def gives_points(self) -> bool:
        """Where they are a prize."""
        return any(prize.points for prize in self.prizes)

    def goods(self) -> Iterable[tuple[Within, Goods]]:
        """Every prize."""
        return ((("prizes", position), prize) for position, prize in enumerate(self.prizes))

    def costs(self, rules: Rules, codes_count: int) -> int:
        """Every prize is won; what the other codes earn is counted where points are."""
        del codes_count
        worth = rules.points.worth.cents if rules.points.worth else 0
        return sum(max(prize.value.cents, (prize.points or 0) * worth) * prize.stock for prize in self.prizes)

    def changes(self, before: Self) -> Iterable[Line]:
        """Odds, and what a code is worth on average."""
        if before.odds != self.odds:
            yield _odds_told(before.odds, self.odds)
        if before.highest_odds() / before.odds != self.highest_odds() / self.odds:
            told = "With the largest boost the odds are {before} → {after}."
            yield line(told, before=str(before.highest_odds()), after=str(self.highest_odds()))
        paid = before.expected(), self.expected()
        if None not in paid and paid[0] != paid[1]:
            told = "What a code wins on average: {before} → {after}."
            yield line(told, before=Verbatim(paid[0]), after=Verbatim(paid[1]))

    def expected(self) -> Money | None:
        """What a roll wins on average while all prizes are in stock, without boosts; None in several currencies."""
        currencies = {prize.value.currency for prize in self.prizes}
        weights = sum(prize.weight for prize in self.prizes)
        cents = self.odds * sum(prize.value.cents * prize.weight for prize in self.prizes) / weights
        return Money(round(cents), currencies.pop()) if len(currencies) == 1 else None

    def findings(self, rules: Rules) -> Iterable[tuple[Within, Line]]:
        """What the law allows, with a budget, and one word for what everybody else earns."""
        for position, prize in enumerate(self.prizes):
            if prize.value.currency == TOP_PRIZE.currency and prize.value.cents > TOP_PRIZE.cents:
                told = "a prize may be worth at most {most} (Order 32 of 2020); choose a smaller one"
                yield ("prizes", position, "value"), remedy(told, most=str(TOP_PRIZE))
        if self.highest_odds() > 1:
            yield ("boost", "at_most"), remedy("with the boost the odds would pass 1/1; lower at_most or the odds")
        if rules.budget is None:
            yield (), remedy("declare the most that prizes may cost, for example budget: 100000 CNY")


def _odds_told(before: Fraction, after: Fraction) -> Line:
    """How the odds change, in whole times where they are."""
    times = after / before if after > before else before / after
    told = "The odds are {times} times as good: {before} → {after}."
    if after < before:
        told = "The odds are {times} times as bad: {before} → {after}."
    whole, tenths = divmod(round(times * 10), 10)
    count = f"{whole}.{tenths}" if tenths else str(whole)
    return line(told, times=count, before=Verbatim(before), after=Verbatim(after))


def prizes_of(rules: Rules) -> tuple[PrizeRules, ...]:
    """What can be won in a campaign."""
    draw = rules.section(DrawRules)
    return draw.prizes if draw else ()


def prize_of(rules: Rules, name: str) -> PrizeRules | None:
    """The prize of a campaign called ``name``."""
    draw = rules.section(DrawRules)
    return draw.prize(name) if draw else None
