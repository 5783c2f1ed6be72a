"""Structured logs on standard error: one line an event, with ids, and never what a player wrote.

The text of an exception may quote a message or a row, so of a trace only the kind and the places are kept.
"""

import contextlib
import logging
import sys
import traceback
from pathlib import Path

import structlog
from structlog.typing import EventDict, WrappedLogger


def configure(level: str) -> None:
    """Send everything from ``level`` on to standard error: readable in a terminal, JSON elsewhere."""
    pretty = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            places_only,
            structlog.dev.ConsoleRenderer(colors=True) if pretty else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: _Writer(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for library in ("apscheduler", "alembic", "werkzeug"):
        logging.getLogger(library).setLevel(logging.ERROR)


class _Writer(structlog.WriteLogger):
    """Writes a line; a log that cannot be written (a closed pipe, a full disk) must cost no player an answer."""

    def msg(self, message: str) -> None:
        """Write ``message`` if that is possible."""
        with contextlib.suppress(OSError, ValueError):
            super().msg(message)

    info = debug = warning = error = critical = exception = msg


def places_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its kind and the lines it came through."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["places"] = places(error)
    return event


def places(error: BaseException) -> list[str]:
    """The lines that ``error`` came through, the outermost first, each as ``file:line function``."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
