"""Clock skew: by how much our clock differs from another one, such as a platform's, by which its answers are dated."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bots.base import Finding, finding
from core.answers import Value
from core.times import Clock

MOST = timedelta(seconds=60)
"""What a platform's clock may differ from ours."""


def dated(date: str | None) -> datetime | None:
    """When an answer was given, by its header Date; None where that is missing, or no date."""
    try:
        at = parsedate_to_datetime(date or "")
    except (ValueError, TypeError):
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def skew_finding(whose: str, theirs: datetime, clock: Clock, most: timedelta = MOST, *, why: Value = "") -> Finding:
    """Whether ``clock`` agrees with that of ``whose``, which showed ``theirs`` just now; ``why`` it should."""
    skew = abs(clock() - theirs)
    remedy = "it differs by {seconds:.0f} s{why}: let NTP set this machine's clock"
    seconds = skew.total_seconds()
    return finding("our clock agrees with {whose}", skew <= most, remedy, whose=whose, seconds=seconds, why=why)
