"""Structured logs on standard error: one line an event, with ids, and never what a player wrote.

The text of an exception may quote a message or a row, so of a trace only the kind and the places are kept. What a
library says may quote an address with a token inside, so of that only the place and the sentence without its values.
"""

import contextlib
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from types import TracebackType

import structlog
from structlog.typing import EventDict, WrappedLogger

_QUIET = {
    "alembic": logging.ERROR,
    "apscheduler": logging.ERROR,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,  # at INFO it tells the address of each request, which holds the token of a bot
    "smpplib": logging.ERROR,
    "urllib3": logging.ERROR,  # it tells the address of what it tries again
    "wechatpy": logging.ERROR,
    "werkzeug": logging.ERROR,
}
"""Libraries, and from which level on they are heard."""


_SELDOM = frozenset({"turn.retried", "turn.unavailable", "tick.put_off", "sender.put_off"})
"""What a database that is away makes happen many times a second: of each, one line in a while is enough."""
_SELDOM_S = 10.0


class Seldom:
    """Lets one line of a kind of event through in ``every_s`` seconds, with how many were left out before it."""

    def __init__(self, events: Collection[str], every_s: float, running_s: Callable[[], float]) -> None:
        self._events, self._every_s, self._running_s = events, every_s, running_s
        self._told: dict[tuple[object, ...], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """``event`` as it is, or with ``left_out``. Raises DropEvent."""
        if event["event"] not in self._events:
            return event
        kind = (event["event"], event.get("error"), event.get("tick"), event.get("account"))
        with self._lock:
            now_s = self._running_s()
            since_s, left_out = self._told.get(kind, (now_s - self._every_s, 0))
            if now_s - since_s < self._every_s:
                self._told[kind] = since_s, left_out + 1
                raise structlog.DropEvent
            self._told[kind] = now_s, 0
        return {**event, "left_out": left_out} if left_out else event


def configure(level: str) -> None:
    """Send everything from ``level`` on to standard error: readable in a terminal, JSON elsewhere."""
    pretty = sys.stderr.isatty()
    structlog.configure(
        processors=[
            Seldom(_SELDOM, _SELDOM_S, time.monotonic),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            places_only,
            structlog.dev.ConsoleRenderer(colors=True) if pretty else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: _Writer(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for library, heard_from in _QUIET.items():
        logging.getLogger(library).setLevel(heard_from)
    root = logging.getLogger()
    if not any(isinstance(handler, _Library) for handler in root.handlers):
        root.addHandler(_Library(logging.WARNING))


def own_process() -> None:
    """Let errors that end a thread, or that nobody can hear, be logged like all others: their texts stay untold.

    For processes that are nothing but Huoju.
    """
    threading.excepthook = lambda failed: _ended(failed.exc_value, failed.thread.name if failed.thread else "")
    sys.unraisablehook = lambda failed: _ended(failed.exc_value, "nobody")
    sys.excepthook = _last


def _ended(error: BaseException | None, thread: str) -> None:
    if not isinstance(error, SystemExit | None):
        structlog.get_logger().error("thread.failed", thread=thread, exc_info=error)


def _last(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    structlog.get_logger().critical("process.failed", exc_info=error)


class _Library(logging.Handler):
    """Logs what a library says, without the values in it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log ``record``: a sentence that has its values inside already is left out."""
        sentence = {"says": record.msg} if record.args and isinstance(record.msg, str) else {}
        structlog.get_logger().log(
            record.levelno,
            "library",
            library=record.name,
            place=f"{record.filename}:{record.lineno} {record.funcName}",
            exc_info=record.exc_info or None,
            **sentence,
        )


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
