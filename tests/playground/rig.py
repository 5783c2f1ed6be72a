"""What the playground's tests share: the doors over a stage, and a served installation in processes of its own."""

import base64
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from bots.playground.channel import PlaygroundSends
from core.database import open_database
from core.engine.engine import Engine
from core.times import system_clock
from handlers.points.verbs import correct
from huoju.bootstrap import Installation
from huoju.settings import Settings
from huoju.web.application import create_app
from tests.sending.rig import Desk
from tests.stage import CAMPAIGN, Stage

PLAYED = CAMPAIGN.replace("[test, second]", "[playground, terminal]")
CERTAIN = PLAYED.replace("1/1000000000", "1/1")
PAUSE_S = 0.01
"""Before a worker that was killed is begun again for the first time."""
SERVE = """
import sys
from huoju.settings import read_settings
from huoju.web.server import serve
host, port, workers, pause_s = sys.argv[1:]
serve(read_settings(), host, int(port), workers=int(workers), playground=True, first_pause_s=float(pause_s))
"""


class Door:
    """The playground's doors over a stage, with a real engine."""

    def __init__(self, stage: Stage, password: str | None = None, **settings: Any) -> None:
        self.stage = stage
        self.engine = Engine(stage.runtime)
        asks = SecretStr(password) if password else None
        self.installation = installation_of(stage, playground_password=asks, **settings)
        self.app = create_app(self.installation, self.engine, playground=True)
        self.client: FlaskClient = self.app.test_client()

    def say(self, text: str, phone: str = "anna", id: str = "1", **headers: str) -> TestResponse:
        return self.client.post(
            "/playground/say", json={"phone": phone, "id": id, "text": text}, headers=list(headers.items())
        )

    def post(self, path: str, **sent: object) -> TestResponse:
        return self.client.post(f"/playground/{path}", json=sent)

    def news(self, *positions: str) -> TestResponse:
        return self.client.get("/playground/news", query_string=[("demo", position) for position in positions])

    def tell(self, phone: str, points: int = 5, ref: str = "r1") -> None:
        tell(self.stage, phone, points, ref)


def installation_of(stage: Stage, **settings: Any) -> Installation:
    """The installation that a stage is, with its files in the folder of the stage."""
    chosen = Settings(keys_file=stage.directory / "keys", **settings)
    return Installation(chosen, stage.database, stage.keys, lambda: stage.now, stage.randomness)


def tell(stage: Stage, phone: str, points: int, ref: str) -> None:
    """Say something to a phone that it did not ask for: an operator's correction."""
    key = stage.keys.address_key("playground", "demo", phone)
    correct(stage.runtime, key, "snack", points, ref=ref, note="sorry", at=stage.now)


def deliver(stage: Stage) -> None:
    """Let a sender hand over all that waits for phones."""
    Desk(stage, PlaygroundSends()).rounds()


class Served:
    """An installation on SQLite, served by granian in processes of its own."""

    def __init__(self, stage: Stage, **settings: str) -> None:
        self.stage = stage
        self.port = free_port()
        keys = stage.directory / "keys"
        secrets = {"pepper": b"p" * 32, "index": b"i" * 32}
        document: dict[str, Any] = {name: base64.b64encode(secret).decode() for name, secret in secrets.items()}
        keys.write_text(json.dumps({**document, "sealing": {"1": base64.b64encode(b"s" * 32).decode()}}))
        self.environment = {
            **os.environ,
            "HUOJU_DATABASE_URL": stage.database.url.render_as_string(hide_password=False),
            "HUOJU_KEYS_FILE": str(keys),
            **settings,
        }

    def start(self, host: str = "127.0.0.1", *, workers: int = 1) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SERVE, host, str(self.port), str(workers), str(PAUSE_S)]
        return subprocess.Popen(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @contextmanager
    def running(self, *, workers: int = 1) -> Iterator[subprocess.Popen[str]]:
        process = self.start(workers=workers)
        try:
            until(lambda: process.poll() is not None or self.ready())
            assert process.poll() is None, process.communicate()[0]
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.communicate(timeout=120)

    def ready(self) -> bool:
        try:
            return self.request("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def request(self, method: str, path: str, payload: object = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            headers = {"Content-Type": "application/json"} if payload is not None else {}
            connection.request(method, path, json.dumps(payload) if payload is not None else None, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def say(self, text: str, phone: str, id: str) -> tuple[int, Any]:
        return self.request("POST", "/playground/say", {"phone": phone, "id": id, "text": text})


@contextmanager
def installed(template: Path, directory: Path) -> Iterator[Served]:
    """An installation that is not running yet. Its clock is the machine's: the served process has no other."""
    shutil.copy(template, directory / "huoju.db")
    database = open_database(f"sqlite:///{directory / 'huoju.db'}")
    yield Served(Stage(database, directory, now=system_clock()))
    database.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], bool], timeout_s: float = 120.0) -> None:
    """Wait for ``condition``; fail when it does not come."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come"
        time.sleep(0.05)
