"""Checks of campaigns: each stands as its newest version says."""

from collections.abc import Iterator

from core.audit.faults import Books, Check, Fault


def _dated(books: Books) -> Iterator[Fault]:
    for campaign in books.campaigns:
        rules = books.rules.get(campaign.id, {}).get(campaign.version)
        if rules is None:
            yield Fault(f"campaign {campaign.name}", "has no version {version}", {"version": campaign.version})
            continue
        opens_at = rules.opens.resolve(campaign.published_at)
        closes_at = rules.closes.resolve(campaign.published_at, opens_at)
        kept = [each.replace(microsecond=0) for each in (campaign.opens_at, campaign.closes_at)]  # as rules are written
        if kept != [each.replace(microsecond=0) for each in (opens_at, closes_at)]:
            yield Fault(f"campaign {campaign.name}", "opens or closes at another time than its newest version says")


CHECKS = (Check("every campaign opens and closes as its newest version says", _dated),)
