"""What pages that ask again and again need: a database that is away told as such, and answers cached for a moment."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from core.blame import Unavailable, is_worlds

Shown = TypeVar("Shown")


@contextmanager
def told_as_unavailable() -> Iterator[None]:
    """A page that polls tries again by itself; whatever the database says is told as Unavailable."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, SQLAlchemyError) and not is_worlds(error):
            raise
        raise Unavailable(f"the database does not answer: {type(error).__name__}") from error


def cached(read: Callable[[], Shown], for_s: float) -> Callable[[], Shown]:
    """``read``, asked at most once in ``for_s`` seconds however many pages poll."""
    lock = threading.Lock()
    latest: list[tuple[float, Shown]] = []

    def value() -> Shown:
        with lock:
            now = time.monotonic()
            if not latest or now - latest[0][0] >= for_s:
                latest[:] = [(now, read())]
            return latest[0][1]

    return value


class Shared(Generic[Shown]):
    """``read``, shared by whatever looks at it: nobody waits for it but who is the first ever, and who does it.

    It is done at most once in ``every_s`` seconds and for a twentieth of the time: what takes long is done less often.
    What was read last is shown for a minute where it cannot be done again.
    """

    _PATIENCE_S, _KEPT_S, _TIMES = 2.0, 60.0, 19.0

    def __init__(self, read: Callable[[], Shown], every_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._every_s, self._clock = read, every_s, clock
        self._hands = threading.Lock()
        self._latest: tuple[float, Shown] | None = None
        self._due = 0.0

    def value(self) -> Shown:
        """What was read last, or now. Raises Unavailable where that cannot be, and there is nothing that was."""
        latest = self._latest
        if latest is not None and self._clock() < self._due:
            return latest[1]
        if not self._hands.acquire(timeout=0 if latest is not None else self._PATIENCE_S):
            if latest is None:
                raise Unavailable("somebody else waits for the same")
            return latest[1]
        try:
            return self._read_now() if self._latest is latest or self._latest is None else self._latest[1]
        finally:
            self._hands.release()

    def _read_now(self) -> Shown:
        began, latest = self._clock(), self._latest
        try:
            found = self._read()
        except Unavailable:
            self._due = self._clock() + self._every_s
            if latest is None or began - latest[0] > self._KEPT_S:
                raise
            return latest[1]
        ended = self._clock()
        self._due = max(began + self._every_s, ended + (ended - began) * self._TIMES)
        self._latest = (began, found)
        return found
