"""The published rules, as the checks need them."""

from collections.abc import Iterable


def most_allowed(limits: Iterable[int | None]) -> int | None:
    """The highest of the limits that versions set, as a row does not say which one it met; None where one set none."""
    known = list(limits)
    highest = max((limit for limit in known if limit is not None), default=None)
    return None if None in known else highest
