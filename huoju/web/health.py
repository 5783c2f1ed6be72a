"""Health: whether a process is alive, whether it is ready, and its numbers for Prometheus.

It is ready while it can do its work, which it can only while the database takes what it writes.
"""

import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, Request, Response, request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import Engine

from bots.base import Forged
from bots.http_errors import error_response, json_response
from bots.playground.guard import is_loopback
from core import schema
from core.blame import condition
from core.database import DatabaseUnusable
from core.heartbeat import beat
from core.randomness import Randomness
from core.times import Clock
from huoju.bootstrap import Installation
from huoju.metrics import MetricsFile, database_metrics, exposition, metrics_files
from huoju.settings import Settings
from huoju.web.cached import cached

DEADLINE_S = 2.0
KEPT_S = 1.0
NO_CONNECTION = "all connections of this process are in use"
NO_FIT = "the database does not fit; see: huoju doctor"

_NUMBERS_KEPT_S = 1.0
_SCHEMA_KEPT_S = 5.0
_AGAIN_AFTER_S = 2


def blueprint(installation: Installation, metrics_file: MetricsFile | None) -> Blueprint:
    """/healthz, /readyz and /metrics. ``metrics_file`` is this process's own, written anew before it is shown."""
    settings, database = installation.settings, installation.database
    doors = Blueprint("health", __name__)
    check_schema = cached(lambda: schema.check_keys(database, installation.keys), _SCHEMA_KEPT_S)
    readiness = Readiness(database, check_schema, installation.clock, installation.randomness)
    known = cached(lambda: database_metrics(database, installation.clock), _NUMBERS_KEPT_S)

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
        if metrics_file is not None:
            metrics_file.write()
        return Response(exposition(metrics_files(settings.metrics_folder), known()), content_type=CONTENT_TYPE_LATEST)

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


@dataclass(slots=True)
class _Probe:
    began_s: float
    ended: threading.Event = field(default_factory=threading.Event)
    verdict: str | None = None
    connected: bool = False


class Readiness:
    """Writes a heartbeat when it is asked, at most once in ``KEPT_S`` seconds however many ask."""

    def __init__(
        self,
        database: Engine,
        check_schema: Callable[[], object],
        clock: Clock,
        randomness: Randomness,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._database, self._check_schema = database, check_schema
        self._clock, self._randomness, self._deadline_s = clock, randomness, deadline_s
        self._lock = threading.Lock()
        self._latest: _Probe | None = None
        self._before: int | None = None

    def __call__(self) -> str | None:
        """Why this process is not ready, in one sentence without names; None when it is. Takes up to the deadline.

        A probe that hangs keeps all who ask meanwhile from beginning another.
        """
        with self._lock:
            now_s, probe = time.monotonic(), self._latest
            if probe is None or (probe.ended.is_set() and now_s - probe.began_s >= KEPT_S):
                probe = self._latest = _Probe(now_s)
                threading.Thread(target=self._look, args=(probe,), name="readiness", daemon=True).start()
        if probe.ended.wait(max(probe.began_s + self._deadline_s - now_s, 0.0)):
            return probe.verdict
        slow = f"the database takes longer than {self._deadline_s:g} seconds to write"
        return slow if probe.connected else NO_CONNECTION

    def _look(self, probe: _Probe) -> None:
        try:
            with self._database.connect():
                probe.connected = True
            self._check_schema()
            self._before = beat(self._database, self._randomness, self._clock(), self._before)
        except DatabaseUnusable:  # why may name a server: that is told to the operator alone
            probe.verdict = NO_FIT
        except Exception as error:  # noqa: BLE001  # whatever it is, it would happen to a turn
            probe.verdict = f"the database {condition(error)[0]}"
        finally:
            probe.ended.set()
