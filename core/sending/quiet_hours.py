"""Quiet hours of a player's own zone, and how often somebody may be written to: until when a text has to wait."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import NumberParseException
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from core.campaign.unasked import FollowUpLimits, Quiet

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@lru_cache(maxsize=65536)
def zone_of_phone(phone: str) -> ZoneInfo | None:
    """The zone in which ``phone`` (E.164) is at home, when its numbering plan says exactly one."""
    try:
        zones = time_zones_for_number(phonenumbers.parse(phone))
    except NumberParseException:
        return None
    return ZoneInfo(zones[0]) if len(zones) == 1 and zones[0] != UNKNOWN_TIMEZONE else None


def end_of_quiet(at: datetime, quiet: Quiet, zone: ZoneInfo) -> datetime | None:
    """When the quiet hours end in which ``at`` lies (UTC); None outside of them.

    Where the clocks are turned forward over that end, it is moved like them; where they are turned back over it, it
    comes twice, and ends what came before it.
    """
    local = at.astimezone(zone)
    begins, ends, now = quiet.begins, quiet.ends, local.time()
    if not (begins <= now < ends if begins < ends else now >= begins or now < ends):
        return None
    for day in (local.date(), local.date() + DAY):
        for fold in (0, 1):
            end = datetime.combine(day, ends, zone).replace(fold=fold).astimezone(UTC)
            if end > at:
                return end
    raise AssertionError("two days without an end of quiet hours")


def free_at(said: Sequence[datetime], limits: FollowUpLimits, at: datetime) -> datetime:
    """When one more text is allowed, from ``at`` on, to somebody to whom others were said at the instants ``said``."""
    free = at
    for most, window in ((limits.per_day, DAY), (limits.per_week, WEEK)):
        recent = sorted(each for each in said if each > at - window)
        if most is not None and len(recent) >= most:
            free = max(free, recent[-most] + window)
    return free


def waits_until(said: Sequence[datetime], limits: FollowUpLimits, zone: ZoneInfo, at: datetime) -> datetime:
    """When one more text may be said, from ``at`` on: enough time after the others, and outside the quiet hours."""
    free = free_at(said, limits, at)
    return (end_of_quiet(free, limits.quiet, zone) if limits.quiet else None) or free
