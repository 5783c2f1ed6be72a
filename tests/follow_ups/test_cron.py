"""Cron: forwards and backwards agree, and time changes give and take no occurrence."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.campaign.cron import BadCron, latest, minute_number, minute_of, next_after, shortest_distance

BERLIN, TROLL = "Europe/Berlin", "Antarctica/Troll"
"""One hour and two hours are what their clocks are turned by."""
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


@settings(max_examples=100)
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


# id, zone, cron, after and until (UTC), what came between, the newest first
CAME = [
    ("asked in the repeated hour", BERLIN, "30 2 * * *", "10-24 12:00", "10-25 01:10", ["10-25 00:30"]),
    ("asked at its second begin", BERLIN, "0 * * * *", "10-24 22:30", "10-25 01:00", ["01:00", "00:00", "23:00"]),
    ("two hours that are repeated", TROLL, "59 2 * * *", "10-24 12:00", "10-25 01:00", ["10-25 00:59"]),
    ("asked in the minute after a gap", BERLIN, "30 2 * * *", "03-28 12:00", "03-29 01:00", ["03-29 01:00"]),
    ("two that a gap moves to one instant", BERLIN, "0,30 2,3 * * *", "03-28 12:00", "03-29 01:30", ["01:30", "01:00"]),
    ("not what was claimed before", BERLIN, "0 9 * * *", "03-27 08:00", "03-28 08:00", ["03-28 08:00"]),
]


@pytest.mark.parametrize(("name", "zone", "cron", "after", "until", "expected"), CAME, ids=[row[0] for row in CAME])
def test_what_came_last(name: str, zone: str, cron: str, after: str, until: str, expected: list[str]) -> None:
    """Where the clocks are turned, the instant that is asked at has a local time before what has come."""
    since, at = (datetime.fromisoformat(f"2026-{each}").replace(tzinfo=UTC) for each in (after, until))
    found = latest(cron, ZoneInfo(zone), since, at, 10)
    assert [f"{instant:%m-%d %H:%M}"[-len(expected[0]) :] for instant in found] == expected
    assert latest(cron, ZoneInfo(zone), since, at, 1) == found[:1]


@pytest.mark.parametrize("cron", ["", "9 * * *", "0 0 9 * * *", "60 9 * * *", "0 9 * * 9", "0 9 30 2 *", "@daily", "x"])
def test_what_is_no_cron_is_refused(cron: str) -> None:
    with pytest.raises(BadCron):
        shortest_distance(cron, ZoneInfo("UTC"))


def test_occurrences_have_numbers() -> None:
    at = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
    assert minute_of(minute_number(at)) == at
    assert minute_number(at) < 2**31
