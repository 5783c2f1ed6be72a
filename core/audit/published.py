"""The published rules, as the checks need them."""

from sqlalchemy import select

from core.audit.faults import Books
from core.campaign.rules import Rules
from core.models import CampaignVersion


def published_rules(books: Books) -> dict[int, dict[int, Rules]]:
    """All rules that were ever published, by campaign and version."""
    found: dict[int, dict[int, Rules]] = {}
    for version in books.session.scalars(select(CampaignVersion)):
        found.setdefault(version.campaign_id, {})[version.version] = Rules.model_validate_json(version.rules)
    return found


def earnings(books: Books) -> list[tuple[int, int, int]]:
    """(campaign, version, points for a code that wins no prize) of every version; 0 points where it earns none."""
    return [
        (campaign_id, number, rules.earned())
        for campaign_id, versions in published_rules(books).items()
        for number, rules in versions.items()
    ]
