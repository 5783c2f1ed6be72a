"""The doors for whoever runs Huoju: is it alive, is it ready, and its numbers for Prometheus."""

import hmac

from flask import Blueprint, Request, Response, request
from prometheus_client import CONTENT_TYPE_LATEST

from bots.base import Forged
from bots.http_errors import error_response, json_response
from bots.playground.guard import is_loopback
from core import schema
from huoju.bootstrap import Installation
from huoju.metrics_database import numbers
from huoju.metrics_pages import Page, exposition, pages
from huoju.polling import kept
from huoju.readiness import Readiness
from huoju.settings import Settings

_NUMBERS_KEPT_S = 1.0
_SCHEMA_KEPT_S = 5.0
_AGAIN_AFTER_S = 2


def blueprint(installation: Installation, page: Page | None) -> Blueprint:
    """/healthz, /readyz and /metrics. ``page`` is this process's own, written anew before it is shown."""
    settings, database = installation.settings, installation.database
    doors = Blueprint("health", __name__)
    check_schema = kept(lambda: schema.check_keys(database, installation.keys), _SCHEMA_KEPT_S)
    readiness = Readiness(database, check_schema, installation.clock, installation.randomness)
    known = kept(lambda: numbers(database, installation.clock), _NUMBERS_KEPT_S)

    @doors.get("/healthz")
    def alive() -> Response:
        return json_response(200, {"alive": True})

    @doors.get("/readyz")
    def ready() -> Response:
        if (why := readiness()) is not None:
            return error_response(503, why, retry_after_s=_AGAIN_AFTER_S)
        return json_response(200, {"ready": True})

    @doors.get("/metrics")
    def metrics() -> Response:
        _may_read(request, settings)
        if page is not None:
            page.write()
        return Response(exposition(pages(settings.metrics_folder), known()), content_type=CONTENT_TYPE_LATEST)

    return doors


def _may_read(asked: Request, settings: Settings) -> None:
    """Raise Forged for somebody who does not show the token, or without a token for everybody on other machines."""
    if settings.metrics_token is not None:
        shown = asked.headers.get("Authorization", "").encode("utf-8", "replace")
        token = settings.metrics_token.get_secret_value().encode("utf-8", "replace")
        if not token or not hmac.compare_digest(shown, b"Bearer " + token):
            raise Forged("metrics: show the token of HUOJU_METRICS_TOKEN as Authorization: Bearer …")
        return
    forwarded = "HTTP_FORWARDED" in asked.environ or "HTTP_X_FORWARDED_FOR" in asked.environ
    if forwarded or not is_loopback(asked.environ["REMOTE_ADDR"]):
        raise Forged("metrics: only this machine may read them; set HUOJU_METRICS_TOKEN to let others")
