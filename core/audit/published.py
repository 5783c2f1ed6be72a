"""The published rules, as the checks need them."""

from collections.abc import Iterable

from core.audit.faults import Books


def earnings(books: Books) -> list[tuple[int, int, int]]:
    """(campaign, version, points for a code that wins no prize) of every version; 0 points where it earns none."""
    return [
        (campaign_id, number, rules.earned())
        for campaign_id, versions in books.rules.items()
        for number, rules in versions.items()
    ]


def most_allowed(limits: Iterable[int | None]) -> int | None:
    """The highest of the limits that versions set, as a row does not say which one it met; None where one set none."""
    known = list(limits)
    highest = max((limit for limit in known if limit is not None), default=None)
    return None if None in known else highest
