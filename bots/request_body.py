"""The body of a request, read past werkzeug's stream wrappers, which cost a door more than what it does with it."""

import hashlib
import threading
from collections import OrderedDict
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from bots.base import BODY_LIMIT, Cut
from core.blame import Unavailable
from core.engine.engine import Busy

READING = "huoju.reading"
"""Where huoju/web/load_shedding.py puts what a door enters while it awaits a body: nobody else has to wait for that."""
READ = "huoju.read"
"""Where it stands that the body was read to its end."""

_CAME_AGAIN = "huoju.came_again"
_DIGITS = 12
_KEPT = 10_000
_large = threading.Lock()
"""Held while a large body comes: one at a time, whoever sends it."""


class Remembered:
    """Which bodies without a length have come, by their digests. Safe to use from several threads."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept, self._lock, self._digests = kept, threading.Lock(), OrderedDict[bytes, None]()

    def again(self, digest: bytes) -> bool:
        """Whether it has come before."""
        with self._lock:
            known = digest in self._digests
            self._digests[digest] = None
            self._digests.move_to_end(digest)
            if len(self._digests) > self._kept:
                self._digests.popitem(last=False)
            return known


_chunked = Remembered()


def body_of(
    environ: dict[str, Any], limit: int = BODY_LIMIT, *, ends_itself: bool = False, large: int | None = None
) -> bytes:
    """The body, at most ``limit`` bytes: what announces more is refused unread.

    With ``large`` one body at a time may have so many: for doors that have to read it to know whose it is.

    The server ends a body that was cut as if it were whole, so its length is compared with the announced one. A
    chunked body announces none: it is taken at once only where its content, or a proof over it, shows its end
    (``ends_itself``). Else it is asked for once more: what comes twice alike was cut neither time. Raises
    RequestEntityTooLarge, Busy, Unavailable, or Cut, after which a platform delivers again.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    if length and (not length.isdecimal() or len(length) > _DIGITS or int(length) > (large or limit)):
        raise RequestEntityTooLarge
    if not length and not environ.get("HTTP_TRANSFER_ENCODING"):
        return b""
    body = _bounded(environ, int(length) if length else None, limit, large or limit)
    if length and len(body) < int(length):
        raise Cut("body: it ended early; send it whole")
    environ[READ] = True
    if not length:
        environ[_CAME_AGAIN] = _chunked.again(_digest(environ, body))
        if not ends_itself and not environ[_CAME_AGAIN]:
            raise Unavailable("a chunked body may have been cut")
    return body


def is_whole(environ: dict[str, Any]) -> bool:
    """Whether the body that was read is known to be all of it: then there is no use in sending it again."""
    return (
        bool(environ.get("CONTENT_LENGTH"))
        or not environ.get("HTTP_TRANSFER_ENCODING")
        or bool(environ.get(_CAME_AGAIN))
    )


def _digest(environ: dict[str, Any], body: bytes) -> bytes:
    address = f"{environ.get('PATH_INFO', '')}?{environ.get('QUERY_STRING', '')}"
    return hashlib.sha256(address.encode("utf-8", "replace") + b"\0" + body).digest()


def _bounded(environ: dict[str, Any], length: int | None, limit: int, large: int) -> bytes:
    """The body, of which nobody knows the length without ``length``. Raises Busy while another large one comes."""
    begun = b"" if length is not None and length > limit else _read(environ, limit + 1 if length is None else length)
    if len(begun) <= limit and (length is None or length <= limit):
        return begun
    if large <= limit:
        raise RequestEntityTooLarge
    if not _large.acquire(blocking=False):
        raise Busy("another large body is on its way")
    try:
        body = begun + _read(environ, (large + 1 if length is None else length) - len(begun))
    finally:
        _large.release()
    if len(body) > large:
        raise RequestEntityTooLarge
    return body


def _read(environ: dict[str, Any], most: int) -> bytes:
    if not most:
        return b""
    read = environ["wsgi.input"].read
    reading = environ.get(READING)
    if reading is None:
        return bytes(read(most))
    with reading:
        return bytes(read(most))
