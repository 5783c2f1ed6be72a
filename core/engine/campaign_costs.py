"""What a campaign can cost at most, as an operator reads it before it is published and while it runs."""

from collections.abc import Iterator

from core.answers import AnswerPart, Column, Reach, Table, line
from core.campaign.checks import liabilities, liability
from core.campaign.quantities import Money
from core.campaign.rules import Rules

_COSTS = (Column("what"), Column("at most"))


def costs_told(rules: Rules) -> Iterator[AnswerPart]:
    """What a campaign can cost, as far as its file says, and what of: as the budget is judged by."""
    if rules.currency is None:
        return
    codes = rules.planned_codes
    owed, each = liability(rules, codes), liabilities(rules, codes)
    if rules.budget:
        yield line("It can cost at most {owed} of a budget of {budget}.", owed=str(owed), budget=str(rules.budget))
    elif owed.cents:
        yield line("It can cost at most {owed}; the file has no budget.", owed=str(owed))
    if len(each) > 1:
        yield Table("costs", _COSTS, [(key, str(Money(cents, owed.currency))) for key, cents in each.items()])
    if not codes and rules.points.worth and rules.takes_codes():
        yield line("The file does not say how many codes are planned, so what their points cost is not in it.")


def reach_of(rules: Rules, *, is_new: bool) -> Reach:
    """What a publication commits to; a campaign that has no rules yet is judged by these."""
    own = rules if is_new else None
    if rules.currency is None:
        return Reach(campaign=rules.name, rules=own)
    owed = liability(rules, rules.planned_codes)
    return Reach(amount=owed.cents, campaign=rules.name, currency=owed.currency if owed.cents else "", rules=own)
