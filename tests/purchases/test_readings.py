"""Instants and amounts are read as people write them, and what is written in any of these ways reads the same."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.operators import VerbRefused
from handlers.purchases.readings import read_amount, read_instant, read_quantity

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
WAYS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y年%m月%d日 %H时%M分%S秒",
    "%d.%m.%Y %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%Y%m%d%H%M%S",
)
CENTS = st.integers(0, 10**11)


def read(text: str, clock: str = "", *, day_first: bool | None = None, zone: ZoneInfo = SHANGHAI) -> datetime:
    return read_instant(text, clock, zone, NOW, day_first=day_first)


@pytest.mark.reading
@given(st.datetimes(datetime(1995, 1, 1), datetime(2026, 11, 30)).map(lambda at: at.replace(microsecond=0)))  # noqa: DTZ001  # local
def test_an_instant_reads_the_same_however_it_is_written(local: datetime) -> None:
    expected = local.replace(tzinfo=SHANGHAI)
    for way in WAYS:
        assert read(local.strftime(way)) == expected, way
    assert read(local.strftime("%Y-%m-%d"), local.strftime("%H:%M:%S")) == expected
    assert read(local.strftime("%d/%m/%Y %H:%M:%S"), day_first=True) == expected
    assert read(local.strftime("%m/%d/%Y %H:%M:%S"), day_first=False) == expected


@pytest.mark.reading
@given(CENTS)
def test_an_amount_reads_the_same_however_it_is_written(cents: int) -> None:
    plain = f"{cents // 100}.{cents % 100:02}"
    comma = f"{cents / 100:,.2f}"
    european = comma.translate(str.maketrans(",.", ".,"))
    for text in (plain, f"¥{plain}", f"{plain} CNY", f"{plain}元", comma, european, plain.replace(".", ",")):
        assert read_amount(text, "CNY") == cents, text


@pytest.mark.reading
def test_what_can_be_two_things_is_refused() -> None:
    for text in ("1.234", "12.345", "-3", "many", "$3 USD", "€3", ""):
        with pytest.raises(VerbRefused):
            read_amount(text, "CNY")
    for text in ("2026-02-30", "45000", "14:05", "03/04/2026", "2062-01-01", "1026-01-01"):
        with pytest.raises(VerbRefused):
            read(text)
    with pytest.raises(VerbRefused, match="the clocks go forward"):
        read("2026-03-29 02:30", zone=BERLIN)
    assert read("2026-11-28T14:05:00+01:00") == datetime(2026, 11, 28, 13, 5, tzinfo=UTC)
    assert read("2026-11-28") == datetime(2026, 11, 28, 4, 0, tzinfo=UTC), "a day alone is its noon"
    assert read("２０２６年11月28日 下午2:05") == datetime(2026, 11, 28, 6, 5, tzinfo=UTC)
    assert [read_quantity(text) for text in ("2", "0.352", "1,5 kg", "x3")] == [2000, 352, 1500, 3000]
