"""The published rules, as the checks need them."""

from core.audit.faults import Books
from core.campaign.published import all_rules
from core.campaign.rules import Rules


def published_rules(books: Books) -> dict[int, dict[int, Rules]]:
    """All rules that were ever published, by campaign and version."""
    return all_rules(books.session)


def earnings(books: Books) -> list[tuple[int, int, int]]:
    """(campaign, version, points for a code that wins no prize) of every version; 0 points where it earns none."""
    return [
        (campaign_id, number, rules.earned())
        for campaign_id, versions in published_rules(books).items()
        for number, rules in versions.items()
    ]
