"""End the connections whose bodies do not come: a server thread that waits for one cannot be told to stop waiting.

Granian reads a body without a limit of time and does not say which connection a request came by. But the kernel knows
what was last received and sent: where a body is awaited, something came after the last answer and nothing went back.
So once a body is overdue, such connections of the same client are shut, and whoever waits for them is woken. A request
that is being answered looks the same for as long as that takes, therefore it must have looked so for a while.

Only Linux tells (tcp(7), TCP_INFO); elsewhere a proxy has to collect bodies, see docs/going-live.md.
"""

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog

log = structlog.get_logger()

BODY_WITHIN_S = 5.0
"""A platform sends a message and its few kilobytes at once."""
_LOOK_S = 1.0
_UNANSWERED_LOOKS = 3
_LAST_SENT, _LAST_RECEIVED = 44, 52  # offsets of two numbers of milliseconds in struct tcp_info

Key = tuple[Any, ...]


class BodyTimeout:
    """Watches the bodies of one process that listens on ``port``. Safe to use from several threads."""

    def __init__(
        self, port: int, within_s: float = BODY_WITHIN_S, running_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._port, self._within_s, self._running_s = port, within_s, running_s
        self._awaited: dict[object, tuple[float, str]] = {}
        self._seen: dict[Key, int] = {}
        self._lock = threading.Lock()
        self._more = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None

    @contextmanager
    def watch(self, environ: dict[str, Any]) -> Iterator[None]:
        """Enter it while a body is read."""
        mark = object()
        with self._lock:
            self._awaited[mark] = self._running_s(), environ.get("REMOTE_ADDR", "")
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="body timeout", daemon=True)
                self._thread.start()
            self._more.notify()
        try:
            yield
        finally:
            with self._lock:
                self._awaited.pop(mark, None)

    def _run(self) -> None:
        while True:
            with self._lock:
                while not self._awaited:
                    self._seen.clear()
                    self._more.wait()
            time.sleep(_LOOK_S)
            with suppress(OSError):
                self._look()

    def _look(self) -> None:
        now_s = self._running_s()
        with self._lock:
            late = {client for since_s, client in self._awaited.values() if now_s - since_s > self._within_s}
        if not late:
            self._seen.clear()
            return
        seen, ended = dict[Key, int](), 0
        for number in _sockets():
            with suppress(OSError), socket.socket(fileno=os.dup(number)) as connection:
                key = self._unanswered(connection, late)
                if key is None:
                    continue
                seen[key] = self._seen.get(key, 0) + 1
                if seen[key] >= _UNANSWERED_LOOKS:
                    connection.shutdown(socket.SHUT_RDWR)
                    ended += 1
        if ended:
            log.warning("bodies.too_slow", ended=ended, clients=len(late))
        self._seen = seen

    def _unanswered(self, connection: socket.socket, clients: set[str]) -> Key | None:
        """Which connection of one of ``clients`` this is, if nothing was answered for as long as a body may take."""
        if connection.family not in {socket.AF_INET, socket.AF_INET6} or connection.getsockname()[1] != self._port:
            return None
        peer = connection.getpeername()
        if peer[0].removeprefix("::ffff:") not in {client.removeprefix("::ffff:") for client in clients}:
            return None
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        sent_ms, received_ms = (struct.unpack_from("=I", told, place)[0] for place in (_LAST_SENT, _LAST_RECEIVED))
        overdue = sent_ms > self._within_s * 1000 and received_ms <= sent_ms
        return (peer[0], peer[1]) if overdue else None


def _sockets() -> Iterator[int]:
    """The numbers of the files of this process that are sockets."""
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            if str(each.readlink()).startswith("socket:"):
                yield int(each.name)


def body_timeout(port: int) -> BodyTimeout | None:
    """A watch over the bodies of this process, where that can be had."""
    return BodyTimeout(port) if sys.platform == "linux" else None
