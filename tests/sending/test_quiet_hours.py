"""Quiet hours over time changes, zones of phone numbers, and limits: pure rules."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.campaign.unasked import FollowUpLimits, Quiet
from core.sending.quiet_hours import DAY, WEEK, end_of_quiet, free_at, waits_until, zone_of_phone

BERLIN = ZoneInfo("Europe/Berlin")
# id, quiet hours, instant (UTC), end of the quiet time (UTC)
CHANGES = [
    ("the short night", "22:00-08:00", "2026-03-28 22:00", "2026-03-29 06:00"),
    ("the long night", "22:00-08:00", "2026-10-24 22:00", "2026-10-25 07:00"),
    ("an end that is left out", "22:00-02:30", "2026-03-28 22:00", "2026-03-29 01:30"),
    ("an end that comes twice", "22:00-02:30", "2026-10-24 22:00", "2026-10-25 00:30"),
    ("between the two ends, by the clock on the wall", "22:00-02:30", "2026-10-25 01:10", "2026-10-25 01:30"),
    ("not quiet between the two", "22:00-02:30", "2026-10-25 00:40", None),
    ("a beginning that is left out", "02:30-04:00", "2026-03-29 01:00", "2026-03-29 02:00"),
]


def _quiet(text: str) -> Quiet:
    begins, ends = (time.fromisoformat(each) for each in text.split("-"))
    return Quiet(begins, ends)


@pytest.mark.parametrize(("name", "quiet", "at", "ends"), CHANGES, ids=[row[0] for row in CHANGES])
def test_time_changes(name: str, quiet: str, at: str, ends: str | None) -> None:
    expected = datetime.fromisoformat(ends).replace(tzinfo=UTC) if ends else None
    assert end_of_quiet(datetime.fromisoformat(at).replace(tzinfo=UTC), _quiet(quiet), BERLIN) == expected


ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Pacific/Apia"])
QUIET = st.builds(Quiet, st.times().map(lambda t: t.replace(second=0, microsecond=0)), st.just(time(8, 0)))


@settings(max_examples=100)
@given(st.datetimes(datetime.fromisoformat("2011-01-01"), datetime.fromisoformat("2027-12-31")), QUIET, ZONES)
def test_the_end_lies_ahead_and_is_not_quiet(start: datetime, quiet: Quiet, name: str) -> None:
    at, zone = start.replace(tzinfo=UTC), ZoneInfo(name)
    end = end_of_quiet(at, quiet, zone)
    if end is not None:
        assert at < end <= at + timedelta(hours=50)
        if quiet.begins != quiet.ends:
            assert end_of_quiet(end, quiet, zone) is None


PHONES = [
    ("+8613800138000", "Asia/Shanghai"),
    ("+491701234567", "Europe/Berlin"),
    ("+12125550123", "America/New_York"),
    ("+18005550123", None),
    ("+79161234567", None),
    ("+999123456789", None),
]


@pytest.mark.parametrize(("phone", "zone"), PHONES)
def test_zones_of_phones(phone: str, zone: str | None) -> None:
    assert zone_of_phone(phone) == (ZoneInfo(zone) if zone else None)


@settings(max_examples=100)
@given(
    st.lists(st.integers(min_value=0, max_value=10 * 24 * 60), max_size=12),
    st.none() | st.integers(min_value=1, max_value=3),
    st.integers(min_value=1, max_value=5),
)
def test_a_limit_is_kept_and_no_longer_than_needed(ago: list[int], per_day: int | None, per_week: int) -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    said = [at - timedelta(minutes=each) for each in ago]
    limits = FollowUpLimits(per_day=per_day, per_week=per_week)

    def allowed(when: datetime) -> bool:
        in_day = sum(when - DAY < each <= when for each in said)
        in_week = sum(when - WEEK < each <= when for each in said)
        return in_week < per_week and (per_day is None or in_day < per_day)

    free = free_at(said, limits, at)
    assert allowed(free)
    assert free == at or not allowed(free - timedelta(microseconds=1))


def test_what_the_limit_frees_at_night_waits_for_the_morning() -> None:
    limits = FollowUpLimits(quiet=_quiet("22:00-08:00"), per_day=1)
    night = datetime(2026, 12, 1, 22, 30, tzinfo=UTC)  # 23:30 in Berlin
    until = waits_until([night - DAY + timedelta(minutes=5)], limits, BERLIN, night)
    assert until == datetime(2026, 12, 2, 7, 0, tzinfo=UTC)
