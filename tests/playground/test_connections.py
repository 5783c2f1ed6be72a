"""Connections that say nothing, half of something or something slowly cost nobody else anything; workers come back."""

import os
import resource
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from huoju.web.body_timeout import body_timeout
from tests.playground.rig import PLAYED, Served, until

SILENT, HALF = 300, 300
LONGEST_S = 120
HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
    "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
)


@pytest.fixture
def many() -> Iterator[list[socket.socket]]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, SILENT + HALF + 400)), hard))
    opened: list[socket.socket] = []
    yield opened
    for one in opened:
        one.close()


def _opened(served: Served, many: list[socket.socket], octets: bytes = b"") -> socket.socket:
    one = socket.create_connection(("127.0.0.1", served.port), timeout=LONGEST_S)
    many.append(one)
    one.sendall(octets)
    return one


def _half(served: Served, path: str = "/playground/say") -> bytes:
    return HEAD.format(path=path, port=served.port, length=60).encode() + b'{"phone"'


def test_nobody_waits_for_those_who_say_nothing_or_half_and_what_is_refused_unread_is_closed(
    served: Served, many: list[socket.socket]
) -> None:
    served.stage.publish(PLAYED)
    with served.running():
        _refused_unread(served, many)
        for _ in range(SILENT):
            _opened(served, many)
        halves = [_opened(served, many, _half(served)) for _ in range(HALF)]
        for number in range(5):
            assert served.request("GET", "/healthz")[0] == 200
            status, told = served.say("help", "anna", str(number))
            assert (status, told["how"]) == (200, "new")
        if body_timeout(served.port) is not None:
            for one in halves[::50]:
                until(lambda one=one: _dripped_to_its_end(one), LONGEST_S)


def _refused_unread(served: Served, many: list[socket.socket]) -> None:
    answer = b""
    one = _opened(served, many, HEAD.format(path="/playground/say", port=served.port, length=70_000).encode())
    while more := one.recv(4096):
        answer += more
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer.lower()


def _dripped_to_its_end(one: socket.socket) -> bool:
    """One more byte; True when the server has hung up."""
    one.settimeout(0.2)
    try:
        one.sendall(b" ")
        return one.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def _worker_of(process: subprocess.Popen[str]) -> int | None:
    for begun_by in Path(f"/proc/{process.pid}/task").glob("*/children"):
        for child in begun_by.read_text().split():
            with suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return int(child)
    return None


def test_a_worker_that_is_killed_again_and_again_comes_back(served: Served) -> None:
    with served.running() as process:
        for _ in range(2):
            until(served.ready, LONGEST_S)
            worker = _worker_of(process)
            assert worker is not None
            os.kill(worker, signal.SIGKILL)
            until(lambda worker=worker: _worker_of(process) not in {None, worker}, LONGEST_S)
        until(served.ready, LONGEST_S)
        assert process.poll() is None
