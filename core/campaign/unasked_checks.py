"""What limits of a new publication must satisfy beyond their grammar."""

from collections.abc import Iterator

from core.campaign.findings import Finding, remedy
from core.campaign.rules import Rules


def limit_findings(rules: Rules) -> Iterator[Finding]:
    """Everything that is wrong with the limits of what is said unasked."""
    limits = rules.follow_up_limits
    if limits is None:
        return
    reminds = any(section.reminds for section in rules.each()) or any(item.claim for _, item in rules.goods())
    speaks = any(section.unasked and rules.says(type(section)) for section in rules.each())
    if not speaks and not (limits.quiet and reminds):
        yield ("follow_up_limits",), remedy("there is nothing to limit; add follow_ups or calendar, or remove this")
    if limits.per_day and limits.per_week and limits.per_week < limits.per_day:
        yield ("follow_up_limits", "per_week"), remedy("is less than per_day; give at least as many")
