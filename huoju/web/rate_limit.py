"""A rate limit for visitors of public pages, who have hands of their own: no address takes all of them.

Players' messages never wait behind pages and pictures, however many ask for those.
"""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from math import ceil
from typing import Any

from huoju.web.load_shedding import CLOSE, RETRY_AFTER_S, Wsgi, has_body

PUBLIC = ("/t/", "/i/", "/c/", "/chart/", "/file/", "/my-data/")
SCREENS = "/console/"
"""Asked every two seconds by each screen of an office, for an answer that is ready."""
ADDRESSES_KEPT = 20_000

_BODY = "访问太频繁，请稍候再试。\nToo many visits at once; try again in a moment.\n"
_NETWORK_OF_ONE = 64
"""Bits of an IPv6 address that everybody gets whole: they count as one."""


class RateLimit:
    """How many visits each address has left, in this process; they come back evenly, and a minute brings all."""

    def __init__(self, per_minute: int, proxies: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._proxies, self._clock = per_minute, proxies, clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, environ: dict[str, Any]) -> int:
        """Count a visit: 0, or in how many seconds the next one is answered."""
        visitor = self._visitor(environ)
        if visitor is None:
            return 0
        with self._lock:
            now = self._clock()
            left, at = self._left.pop(visitor, (self._most, now))
            left = min(self._most, left + (now - at) * self._most / 60)
            self._left[visitor] = (left - 1 if left >= 1 else left, now)
            if len(self._left) > ADDRESSES_KEPT:
                self._left.popitem(last=False)
        return 0 if left >= 1 else ceil((1 - left) * 60 / self._most)

    def _visitor(self, environ: dict[str, Any]) -> str | None:
        """None for whoever cannot be told from others: a proxy stands before us that the settings do not know."""
        said, forwarded = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR")
        if self._proxies:
            passed = [*(forwarded.split(",") if forwarded else ()), said]
            said = passed[-self._proxies - 1 :][0]
        try:
            address = ipaddress.ip_address(said.strip().strip("[]"))
        except ValueError:
            return None
        if not self._proxies and forwarded is not None and address.is_private:
            return None
        if address.version == 4:  # noqa: PLR2004
            return str(address)
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((int(address), _NETWORK_OF_ONE), strict=False))


class PublicPages:
    """Lets ``most`` requests for public pages in to ``pages`` at once; whatever else comes is for ``others``.

    The console has as many visits as ``screens`` says, or the same.
    """

    def __init__(
        self, pages: Wsgi, others: Wsgi, most: int, visits: RateLimit, screens: RateLimit | None = None
    ) -> None:
        self._pages, self._others = pages, others
        self._visits, self._screens = visits, screens or visits
        self._hands = threading.Semaphore(most)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        path = environ["PATH_INFO"]
        if not path.startswith((*PUBLIC, SCREENS)) or environ["REQUEST_METHOD"] == "POST":
            return self._others(environ, start_response)

        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, CLOSE] if has_body(environ) else headers, *more)

        if wait_s := (self._screens if path.startswith(SCREENS) else self._visits).wait_s(environ):
            return _refused(started, "429 Too Many Requests", wait_s)
        if not self._hands.acquire(blocking=False):
            return _refused(started, "503 Service Unavailable", RETRY_AFTER_S)
        try:
            return self._pages(environ, started)
        finally:
            self._hands.release()


def _refused(start_response: Callable[..., Any], status: str, wait_s: int) -> list[bytes]:
    body = _BODY.encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(status, [*headers, ("Retry-After", str(wait_s)), ("Cache-Control", "no-store")])
    return [body]
