"""The body of a request, read past werkzeug's stream wrappers, which cost a door more than what it does with it."""

from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from bots.base import BODY_LIMIT

_DIGITS = len(str(BODY_LIMIT))


def body_of(environ: dict[str, Any]) -> bytes:
    """The body, at most BODY_LIMIT bytes: what announces more is refused unread. Raises RequestEntityTooLarge.

    A chunked body announces no length; the server marks its end.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    if length and (not length.isdecimal() or len(length) > _DIGITS or int(length) > BODY_LIMIT):
        raise RequestEntityTooLarge
    body: bytes = environ["wsgi.input"].read(int(length) if length else BODY_LIMIT + 1)
    if len(body) > BODY_LIMIT:
        raise RequestEntityTooLarge
    return body
