"""The body of a request, read past werkzeug's stream wrappers, which cost a door more than what it does with it."""

from typing import Any

from werkzeug.exceptions import LengthRequired, RequestEntityTooLarge

from bots.base import BODY_LIMIT, Cut

READING = "huoju.reading"
"""Where huoju/doorman.py puts what a door enters while it waits for a body: nobody else has to wait for that."""
READ = "huoju.read"
"""Where it stands that the body was read to its end."""

_DIGITS = 12


def body_of(environ: dict[str, Any], limit: int = BODY_LIMIT, *, ends_itself: bool = False) -> bytes:
    """The body, at most ``limit`` bytes: what announces more is refused unread.

    The server ends a body that was cut as if it were whole, so its length is compared with the announced one. A
    chunked body announces none: it is read only where its content shows its end (``ends_itself``), see
    :func:`is_whole`. Raises RequestEntityTooLarge, LengthRequired, or Cut, after which a platform delivers again.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    if length and (not length.isdecimal() or len(length) > _DIGITS or int(length) > limit):
        raise RequestEntityTooLarge
    if not length and not environ.get("HTTP_TRANSFER_ENCODING"):
        return b""
    if not length and not ends_itself:
        raise LengthRequired
    body = _read(environ, int(length) if length else limit + 1)
    if len(body) > limit:
        raise RequestEntityTooLarge
    if length and len(body) < int(length):
        raise Cut("body: it ended early; send it whole")
    environ[READ] = True
    return body


def is_whole(environ: dict[str, Any]) -> bool:
    """Whether the body that was read is known to be all of it: then there is no use in sending it again."""
    return bool(environ.get("CONTENT_LENGTH")) or not environ.get("HTTP_TRANSFER_ENCODING")


def _read(environ: dict[str, Any], most: int) -> bytes:
    if not most:
        return b""
    read = environ["wsgi.input"].read
    reading = environ.get(READING)
    if reading is None:
        return bytes(read(most))
    with reading:
        return bytes(read(most))
