"""Every test is a test of the logs: whatever is logged while it runs holds nothing of anybody, at any level.

Watched for are phone numbers, the users and secrets of the fake platforms, all codes that a stage has issued, and what
was said on it in either direction.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from huoju.logs import places_only

_LEAST = 10
"""Shorter words may stand in a line by chance."""
_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+\d{8,15}|(?:86)?1[3-9]\d{9})(?![0-9A-Za-z])")


class Watch:
    """What was logged, and what must not stand in it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.planted: set[str] = set()

    def __call__(self, _logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """Keep the event as an operator would read it."""
        kept = {"level": method, **places_only(None, method, dict(event))}
        self.lines.append(orjson.dumps(kept, default=repr, option=orjson.OPT_NON_STR_KEYS).decode())
        return event

    def plant(self, *texts: str) -> None:
        """Let none of ``texts`` stand in a line; what is too short to be told from chance is left out."""
        self.planted.update(text for text in texts if len(text) >= _LEAST)

    def leaks(self) -> list[str]:
        """The lines that hold something of somebody."""
        return [line for line in self.lines if _PHONE.search(line) or any(text in line for text in self.planted)]


_watches: list[Watch] = []
_PLAIN = (structlog.processors.add_log_level, places_only, structlog.processors.KeyValueRenderer(key_order=["event"]))
"""What structlog does by itself paints each trace with all its variables, for seconds."""


def plant(*texts: str) -> None:
    """Let none of ``texts`` stand in a line of the test that runs now."""
    for watch in _watches[-1:]:
        watch.plant(*texts)


def planted() -> frozenset[str]:
    """What must not stand in a line of the test that runs now."""
    return frozenset(text for watch in _watches[-1:] for text in watch.planted)


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch what is logged meanwhile; nobody else does. Unless a test configures it, each event is one line."""
    watch = Watch()
    _watches.append(watch)
    structlog.reset_defaults()  # whatever the test before it has configured
    structlog.configure(processors=[watch, *_PLAIN])
    try:
        yield watch
    finally:
        _watches.remove(watch)
