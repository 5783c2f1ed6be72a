"""What an answer's Date says of our clock."""

from datetime import UTC, datetime, timedelta

import pytest

from bots.clock_skew import dated, skew_finding

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
DATES = [
    ("Tue, 01 Dec 2026 04:00:00 GMT", NOW),
    ("Tue, 01 Dec 2026 12:00:00 +0800", NOW),
    ("Tue, 01 Dec 2026 04:00:00 -0000", NOW),
    ("Tue, 01 Dec 2026 04:00:00", NOW),
    ("yesterday", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("date", "at"), DATES)
def test_a_date_is_read(date: str | None, at: datetime | None) -> None:
    assert dated(date) == at


@pytest.mark.parametrize(("off_s", "well"), [(0, True), (-60, True), (60, True), (61, False), (-61, False)])
def test_a_clock_may_differ_by_a_minute(off_s: int, well: bool) -> None:
    found = skew_finding("the sun's", NOW, lambda: NOW + timedelta(seconds=off_s), why=" a day")
    remedy = f"it differs by {abs(off_s)} s a day: let NTP set this machine's clock"
    assert (found.what, found.well, found.remedy) == ("our clock agrees with the sun's", well, remedy)
