"""What pages that ask again and again need: a database that is away told as such, and answers cached for a moment."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

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
