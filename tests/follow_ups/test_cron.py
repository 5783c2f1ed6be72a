"""Cron: forwards and backwards agree, and time changes give and take no occurrence."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.calendar.cron import BadCron, latest, minute_number, minute_of, next_after, shortest_distance

BERLIN = "Europe/Berlin"
# id, zone, cron, after (UTC), the next three (UTC)
NEXT = [
    ("every morning", "Asia/Shanghai", "0 9 * * *", "2026-12-01 04:00", ["12-02 01:00", "12-03 01:00", "12-04 01:00"]),
    ("not the same again", "Asia/Shanghai", "0 9 * * *", "2026-12-01 01:00", ["12-02 01:00"]),
    ("a microsecond before", "Asia/Shanghai", "0 9 * * *", "2026-12-01 00:59:59.999999", ["12-01 01:00"]),
    ("into summer", BERLIN, "0 9 * * *", "2026-03-28 12:00", ["03-29 07:00", "03-30 07:00"]),
    ("into winter", BERLIN, "0 9 * * *", "2026-10-24 12:00", ["10-25 08:00", "10-26 08:00"]),
    ("left out by the change", BERLIN, "30 2 * * *", "2026-03-28 12:00", ["03-29 01:00", "03-30 00:30"]),
    ("comes twice, runs once", BERLIN, "30 2 * * *", "2026-10-24 12:00", ["10-25 00:30", "10-26 01:30"]),
    ("asked within the second of the two", BERLIN, "30 2 * * *", "2026-10-25 01:10", ["10-26 01:30"]),
    ("every hour, through the change", BERLIN, "0 * * * *", "2026-10-24 23:30", ["10-25 00:00", "10-25 01:00"]),
    ("a leap day", "UTC", "0 0 29 2 *", "2026-12-01 00:00", ["02-29 00:00"]),
    ("weekdays", "Asia/Shanghai", "0 9 * * 1-5", "2026-12-04 04:00", ["12-07 01:00", "12-08 01:00"]),
]


@pytest.mark.parametrize(("name", "zone", "cron", "after", "expected"), NEXT, ids=[row[0] for row in NEXT])
def test_what_comes_next(name: str, zone: str, cron: str, after: str, expected: list[str]) -> None:
    at = datetime.fromisoformat(after).replace(tzinfo=UTC)
    for each in expected:
        found = next_after(cron, ZoneInfo(zone), at)
        assert found is not None
        assert f"{found:%m-%d %H:%M}" == each
        at = found


CRONS = ["0 9 * * *", "30 2 * * *", "*/30 1-3 * * *", "15 * * * *", "0 0 1 * *", "45 2 * * 0", "0 2,3 * * *"]
ZONES = ["Asia/Shanghai", BERLIN, "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu", "UTC"]


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(CRONS),
    st.sampled_from(ZONES),
    st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-12-31")),
    st.integers(min_value=0, max_value=4000),
)
def test_backwards_finds_what_forwards_found(cron: str, name: str, start: datetime, minutes: int) -> None:
    zone, after = ZoneInfo(name), start.replace(tzinfo=UTC)
    until, found, at = after + timedelta(minutes=minutes), [], after
    while (following := next_after(cron, zone, at)) is not None and following <= until:
        assert following > at
        found.append(following)
        at = following
    assert latest(cron, zone, after, until, 10**6) == found[::-1]
    assert latest(cron, zone, after, until, 3) == found[::-1][:3]


@pytest.mark.parametrize("cron", ["", "9 * * *", "0 0 9 * * *", "60 9 * * *", "0 9 * * 9", "0 9 30 2 *", "@daily", "x"])
def test_what_is_no_cron_is_refused(cron: str) -> None:
    with pytest.raises(BadCron):
        shortest_distance(cron, ZoneInfo("UTC"))


def test_occurrences_have_numbers() -> None:
    at = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
    assert minute_of(minute_number(at)) == at
    assert minute_number(at) < 2**31
