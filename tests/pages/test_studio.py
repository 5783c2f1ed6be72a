"""Pictures are drawn a few at once and none twice, and whoever waits too long is told to come again."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from core.blame import Unavailable
from pages.studio import Studio

PATIENCE_S = 60


class Painter:
    """Paints when it is let to, and remembers how many pictures it had in hand at most."""

    def __init__(self) -> None:
        self.begun, self.go_on, self.drawn = threading.Semaphore(0), threading.Event(), list[str]()
        self.in_hand, self.most, self.lock = 0, 0, threading.Lock()

    def __call__(self, word: str) -> bytes:
        with self.lock:
            self.drawn.append(word)
            self.in_hand += 1
            self.most = max(self.most, self.in_hand)
        self.begun.release()
        assert self.go_on.wait(PATIENCE_S)
        with self.lock:
            self.in_hand -= 1
        return word.encode()


def test_many_ask_for_one_picture_and_it_is_drawn_once() -> None:
    painter = Painter()
    draw = Studio(2, PATIENCE_S).draws(painter)
    with ThreadPoolExecutor(12) as pool:
        asked = [pool.submit(draw, "a") for _ in range(12)]
        assert painter.begun.acquire(timeout=PATIENCE_S)
        painter.go_on.set()
        assert {each.result(PATIENCE_S) for each in asked} == {b"a"}
    assert draw("a") == b"a"
    assert painter.drawn == ["a"]


def test_two_are_drawn_at_once_and_the_rest_wait_for_a_hand() -> None:
    painter = Painter()
    draw = Studio(2, PATIENCE_S).draws(painter)
    with ThreadPoolExecutor(9) as pool:
        asked = [pool.submit(draw, str(number)) for number in range(9)]
        for _ in range(2):
            assert painter.begun.acquire(timeout=PATIENCE_S)
        painter.go_on.set()
        assert [each.result(PATIENCE_S) for each in asked] == [str(number).encode() for number in range(9)]
    assert painter.most == 2


@pytest.mark.parametrize("word", ["a", "b"], ids=["the same picture", "another"])
def test_whoever_waits_too_long_is_told_to_come_again(word: str) -> None:
    painter = Painter()
    draw = Studio(1, 0.01).draws(painter)
    with ThreadPoolExecutor(1) as pool:
        first: Future[bytes] = pool.submit(draw, "a")
        assert painter.begun.acquire(timeout=PATIENCE_S)
        with pytest.raises(Unavailable):
            draw(word)
        painter.go_on.set()
        assert first.result(PATIENCE_S) == b"a"
    assert draw(word) == word.encode()


def test_a_drawing_that_fails_fails_for_itself_alone() -> None:
    faults = [ZeroDivisionError(), None, None]

    def paint(word: str) -> bytes:
        if (fault := faults.pop(0)) is not None:
            raise fault
        return word.encode()

    draw = Studio(1).draws(paint)
    with pytest.raises(ZeroDivisionError):
        draw("a")
    assert (draw("a"), draw("b")) == (b"a", b"b")


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    drawn: list[tuple[str, int]] = []

    def paint(word: str, size: int) -> bytes:
        drawn.append((word, size))
        return bytes(size)

    draw = Studio(room_bytes=100).draws(paint)
    for word, size in (("a", 40), ("b", 40), ("a", 40), ("c", 40), ("a", 40), ("b", 40), ("huge", 101), ("a", 40)):
        assert len(draw(word, size)) == size
    assert drawn == [("a", 40), ("b", 40), ("c", 40), ("b", 40), ("huge", 101)]
