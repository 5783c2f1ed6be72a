"""When a cron expression comes: forwards one at a time, backwards a few, never a walk over all of them.

Five fields in a zone of its own, read as Debian's cron reads them (`man 5 crontab`): a time of day that a change to
summer time leaves out comes right after the gap, one that the change back repeats comes the first time only.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from core.campaign.findings import Unfit

_FIELDS = 5
_FOLD = timedelta(hours=3)
"""More than any zone turns its clocks by, and whole minutes."""
_LOOKED_AT = 100
_MINUTE = timedelta(minutes=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadCron(Unfit):
    """An expression that cannot be used; the message says why and what to write."""


@lru_cache(maxsize=4096)
def next_after(cron: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first instant after ``after`` (UTC) at which ``cron`` comes in ``zone``; None when it never does."""
    for found in CronSim(cron, after.astimezone(zone)):
        instant = found.astimezone(UTC)
        if instant > after:  # in an hour that comes twice, the local time alone may be of the first one
            return instant
    return None


def latest(cron: str, zone: ZoneInfo, after: datetime, until: datetime, most: int) -> list[datetime]:
    """Up to ``most`` instants at which ``cron`` came, the newest first: after ``after``, and at ``until`` or before."""
    instants: list[datetime] = []
    for found in CronSim(cron, (until + _FOLD).astimezone(zone), reverse=True):
        instant = found.astimezone(UTC)
        if instant <= after or len(instants) == most:
            break
        if instant <= until:
            instants.append(instant)
    return instants


@lru_cache(maxsize=64)
def shortest_distance(cron: str, zone: ZoneInfo) -> timedelta:
    """The shortest time between two of the next occurrences from 1970 on. Raises BadCron."""
    if len(cron.split()) != _FIELDS:
        raise BadCron(
            "write five fields: minute, hour, day of the month, month, day of the week; for example 0 9 * * *"
        )
    try:
        found = CronSim(cron, datetime(1970, 1, 1, tzinfo=zone))
        instants = [instant.astimezone(UTC) for instant, _ in zip(found, range(_LOOKED_AT), strict=False)]
    except (CronSimError, AssertionError):
        raise BadCron("is no cron expression; nine o'clock every day is: 0 9 * * *") from None
    if not instants:
        raise BadCron("never comes: there is no such day; choose another")
    return min((later - earlier for earlier, later in pairwise(instants)), default=timedelta.max)


def minute_number(instant: datetime) -> int:
    """Whole minutes since 1970-01-01 UTC: the number of an occurrence."""
    return (instant - _EPOCH) // _MINUTE


def minute_of(number: int) -> datetime:
    """The instant of :func:`minute_number`."""
    return _EPOCH + number * _MINUTE
