"""The doorman of a web process: lets so many requests in at once, and tells whoever comes then to come again.

A platform that is told so delivers again. One that waits in a queue which nobody sees gives up after seconds, and its
message costs a turn all the same.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Any

BODY = b'{"error":"too many messages wait; try again"}'
RETRY_AFTER_S = 2

_HEADERS = [
    ("Content-Type", "application/json"),
    ("Content-Length", str(len(BODY))),
    ("Retry-After", str(RETRY_AFTER_S)),
    ("Cache-Control", "no-store"),
]

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Doorman:
    """Stands before ``application``: while ``most`` requests are inside, a POST is answered 503, unread and at once.

    What is not a POST always gets in: pages, and the questions of a load balancer about our health. The server must
    have more threads than ``most``, or nobody is left to say no.
    """

    def __init__(self, application: Wsgi, most: int) -> None:
        self._application, self._most = application, most
        self._inside, self._lock = 0, threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        with self._lock:
            refused = self._inside >= self._most and environ["REQUEST_METHOD"] == "POST"
            self._inside += not refused
        if refused:
            start_response("503 Service Unavailable", _HEADERS)
            return [BODY]
        try:
            return self._application(environ, start_response)
        finally:
            with self._lock:
                self._inside -= 1
