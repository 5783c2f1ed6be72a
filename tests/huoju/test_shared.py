"""What screens share is counted by one of them, and not more often than it may cost."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from core.blame import Unavailable
from huoju.web.cached import Shared
from huoju.web.numbers import MessageRate

PATIENCE_S = 60


class Counted:
    """Counts how often it was asked; each time lasts ``lasts_s`` of a clock that nothing else moves."""

    def __init__(self) -> None:
        self.now, self.lasts_s, self.times, self.away = 0.0, 0.0, 0, False

    def read(self) -> int:
        if self.away:
            raise Unavailable("away")
        self.times += 1
        self.now += self.lasts_s
        return self.times

    def clock(self) -> float:
        return self.now


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def shared(counted: Counted) -> Shared[int]:
    return Shared(counted.read, 1.0, counted.clock)


def test_it_is_read_once_a_second(counted: Counted, shared: Shared[int]) -> None:
    assert [shared.value() for _ in range(100)] == [1] * 100
    counted.now = 0.99
    assert shared.value() == 1
    counted.now = 1.0
    assert shared.value() == 2


def test_what_takes_long_is_read_less_often(counted: Counted, shared: Shared[int]) -> None:
    counted.lasts_s = 2.0
    assert shared.value() == 1
    counted.now = 39.9
    assert shared.value() == 1
    counted.now = 40.0
    assert shared.value() == 2


def test_what_was_read_is_shown_for_a_minute_when_it_cannot_be_read_again(
    counted: Counted, shared: Shared[int]
) -> None:
    assert shared.value() == 1
    counted.away, counted.now = True, 59.0
    assert shared.value() == 1
    counted.now = 61.0
    with pytest.raises(Unavailable):
        shared.value()
    counted.away, counted.now = False, 62.0
    assert shared.value() == 2


def test_what_was_never_read_is_unavailable(counted: Counted, shared: Shared[int]) -> None:
    counted.away = True
    with pytest.raises(Unavailable):
        shared.value()


def test_nobody_waits_while_somebody_reads(counted: Counted) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def slowly() -> int:
        if counted.times:
            reading.set()
            assert go_on.wait(PATIENCE_S)
        return counted.read()

    shared = Shared(slowly, 1.0, counted.clock)
    assert shared.value() == 1
    counted.now = 1.0
    reader = threading.Thread(target=shared.value)
    reader.start()
    assert reading.wait(PATIENCE_S)
    assert [shared.value() for _ in range(10)] == [1] * 10
    go_on.set()
    reader.join(PATIENCE_S)
    assert shared.value() == 2


def test_messages_of_the_last_minute_are_told() -> None:
    counts = {0: 100, 3: 103, 10: 120, 30: 160, 60: 220, 90: 280, 95: 5, 101: 11}
    rate, begun = MessageRate(lambda: counts[second]), datetime(2026, 12, 1, tzinfo=UTC)
    told = {}
    for second in counts:
        told[second] = rate.per_minute(begun + timedelta(seconds=second))
    assert told == {0: None, 3: None, 10: 120, 30: 120, 60: 120, 90: 120, 95: None, 101: 60}
    assert MessageRate(lambda: None).per_minute(begun) is None
