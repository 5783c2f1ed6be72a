"""Load shedding in a web process: so many requests are let in at once, and whoever comes then is told to come again.

A platform that is told so delivers again. One that waits in a queue which nobody sees gives up after seconds, and its
message costs a turn all the same. A body that is still on its way has no message yet: who sends it slowly, or only half
of it, costs a sleeping thread and is in nobody's way (huoju/web/body_timeout.py ends that).
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from bots.request_body import READ, READING
from core.engine.engine import Busy

BODY = b'{"error":"too many messages wait; try again"}'
RETRY_AFTER_S = 2

_HEADERS = [
    ("Content-Type", "application/json"),
    ("Content-Length", str(len(BODY))),
    ("Retry-After", str(RETRY_AFTER_S)),
    ("Cache-Control", "no-store"),
]
CLOSE = ("Connection", "close")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Watch = Callable[[dict[str, Any]], Any]
"""Gives what is entered while a body is awaited, and ends its connection when that takes too long."""


class LoadShedding:
    """Stands before ``application``: while ``most`` requests are inside, a POST is answered 503, unread and at once.

    What is not a POST always gets in: pages, and the questions of a load balancer about our health. Up to ``reading``
    requests wait for their bodies beside those. The server must have more threads than both together, or nobody is
    left to say no. An answer that is given without reading a body closes the connection, and says so.
    """

    def __init__(self, application: Wsgi, most: int, reading: int = 0, watch: Watch | None = None) -> None:
        self._application, self._most, self._most_reading, self._watch = application, most, reading, watch
        self._inside, self._reading, self._lock = 0, 0, threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        with self._lock:
            refused = self._inside >= self._most and environ["REQUEST_METHOD"] == "POST"
            self._inside += not refused
        if refused:
            start_response("503 Service Unavailable", [*_HEADERS, *([CLOSE] if has_body(environ) else [])])
            return [BODY]
        if self._most_reading and has_body(environ):
            environ[READING] = self._awaited(environ)

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            unread = has_body(environ) and READ not in environ
            return start_response(status, [*headers, CLOSE] if unread else headers, *more)

        try:
            return self._application(environ, started)
        finally:
            with self._lock:
                self._inside -= 1

    @contextmanager
    def _awaited(self, environ: dict[str, Any]) -> Iterator[None]:
        """Step aside while a body is on its way. Raises Busy, before it is read or when it has come."""
        with self._lock:
            if self._reading >= self._most_reading:
                raise Busy("too many bodies are on their way")
            self._reading += 1
            self._inside -= 1
        try:
            if self._watch is None:
                yield
            else:
                with self._watch(environ):
                    yield
        finally:
            with self._lock:
                self._reading -= 1
                self._inside += 1
                full = self._inside > self._most
        if full:
            raise Busy("too many messages wait")


def has_body(environ: dict[str, Any]) -> bool:
    """True when a body follows the headers."""
    return environ.get("CONTENT_LENGTH", "0") not in {"", "0"} or "HTTP_TRANSFER_ENCODING" in environ
