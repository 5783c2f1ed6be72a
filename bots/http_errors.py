"""How an HTTP door says no: every failure at the border becomes a status and one JSON sentence, never a trace."""

import json
from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint, Flask, Response
from werkzeug.exceptions import HTTPException

from bots.base import BODY_LIMIT, Cut, Forged, Malformed
from core.blame import Unavailable
from core.engine.engine import Busy
from core.messages import NotAMessage

log = structlog.get_logger()

RETRY_AFTER_S = 2

_HEADERS = (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"))
_SENTENCES = {
    404: "address: there is nothing here",
    405: "method: this address does not take it",
    413: f"body: send at most {BODY_LIMIT} bytes",
}


def json_response(status: int, payload: object) -> Response:
    """``payload`` as a JSON response that nobody keeps or takes for a page."""
    return Response(json.dumps(payload, separators=(",", ":")), status, _HEADERS, content_type="application/json")


def error_response(status: int, sentence: str, *, retry_after_s: int | None = None) -> Response:
    """A refusal: ``{"error": sentence}``, and when it is worth trying again."""
    response = json_response(status, {"error": sentence})
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def register_error_handlers(doors: Flask | Blueprint) -> None:
    """Make ``doors`` answer the closed list of border failures, and anything unforeseen, in JSON."""
    for kind, say in _REFUSALS:
        doors.register_error_handler(kind, say)


def response_to(error: Exception) -> Response:
    """What ``register_error_handlers`` makes of ``error``, for a door that is served without Flask."""
    return next(say(error) for kind, say in _REFUSALS if isinstance(error, kind))


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    response = error_response(status, _SENTENCES.get(status, error.name.lower()))
    for name, value in error.get_headers():
        if name in {"Allow", "Location", "Retry-After"}:
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    log.error("door.failed", exc_info=error)
    return error_response(500, "something went wrong on our side; send the same id again")


_REFUSALS: tuple[tuple[type[Exception], Callable[[Any], Response]], ...] = (
    (Forged, lambda error: error_response(403, str(error))),
    (Cut, lambda error: error_response(400, str(error))),
    (Malformed, lambda error: error_response(400, str(error))),
    (NotAMessage, lambda error: error_response(400, str(error))),
    (Busy, lambda error: error_response(429, f"{error}; try again", retry_after_s=RETRY_AFTER_S)),
    (Unavailable, lambda _: error_response(503, "no answer yet; send the same id again", retry_after_s=RETRY_AFTER_S)),
    (HTTPException, _http),
    (Exception, _unforeseen),
)
