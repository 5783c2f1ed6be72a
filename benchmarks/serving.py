"""`python -m benchmarks.serving ours|naive|echo PORT WORKERS` serves one side of a benchmark until it is told to stop.

All sides run on the same server with the same number of workers and threads.
"""

import multiprocessing
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.error import HTTPError, URLError

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from benchmarks import echo, naive
from benchmarks.ground import ACCOUNT, CHANNEL
from huoju.settings import Settings
from huoju.web.server import BLOCKING_THREADS, serve

_HOST = "127.0.0.1"
_PATIENCE_S = 60


@contextmanager
def serving(side: str, settings: Settings, workers: int) -> Iterator[int]:
    """Serve ``side`` ("ours", "naive" or "echo") in processes of its own; yields its port."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = probe.getsockname()[1]
    arguments = [
        sys.executable,
        "-m",
        "benchmarks.serving",
        side,
        str(port),
        str(workers),
        settings.model_dump_json(exclude_unset=True),
    ]
    server = subprocess.Popen(arguments)
    try:
        _wait(port)
        yield port
    finally:
        server.terminate()
        server.wait(_PATIENCE_S)


def _wait(port: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(f"http://{_HOST}:{port}/healthz", timeout=_PATIENCE_S).close()
        except HTTPError:
            return  # WeRoBot has no other page than its own
        except (URLError, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def baseline(side: str, settings: Settings) -> Any:
    """The application of one worker of a baseline."""
    return echo.create_app() if side == "echo" else naive.create_app(settings, CHANNEL, ACCOUNT)


def _serve_baseline(side: str, settings: Settings, port: int, workers: int) -> None:
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        "benchmarks.serving:baseline",
        address=_HOST,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        websockets=False,
        log_level=LogLevels.error,
    ).serve(target_loader=partial(baseline, side, settings), wrap_loader=False)


def _main(side: str, port: str, workers: str, written: str) -> None:
    settings = Settings.model_validate_json(written)
    if side == "ours":
        serve(settings, _HOST, int(port), workers=int(workers), playground=True)
    else:
        _serve_baseline(side, settings, int(port), int(workers))


if __name__ == "__main__":
    _main(*sys.argv[1:])
