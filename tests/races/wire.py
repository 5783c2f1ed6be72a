"""A link between the engine and PostgreSQL that breaks at COMMIT: on purpose, and so often as it is told."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

_COMMIT = b"COMMIT\x00"
_A_LOT = 1 << 16


class Cutter:
    """Listens on 127.0.0.1 and passes everything on to a server's unix socket, but for the first ``cuts`` COMMITs.

    Such a COMMIT reaches the server when it ``arrives``, and its reply is swallowed; the link is closed either way.
    """

    def __init__(self, server: Path, *, cuts: int, arrives: bool) -> None:
        self._server, self._arrives = server, arrives
        self.cuts_left = cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self.address: tuple[str, int] = self._listener.getsockname()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(60)
        self._listener.close()

    def _start(self, work: Callable[..., None], *given: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=given, daemon=True))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(str(self._server))
            self._start(self._upstream, client, server)
            self._start(self._downstream, server, client)

    def _upstream(self, client: socket.socket, server: socket.socket) -> None:
        while said := _received(client):
            if _COMMIT in said and self.cuts_left > 0:
                self.cuts_left -= 1
                client.shutdown(socket.SHUT_RDWR)  # now nothing that the server says can be passed on
                if self._arrives:
                    server.sendall(said)
                break
            server.sendall(said)
        with contextlib.suppress(OSError):  # the other direction may have closed both ends already
            server.shutdown(socket.SHUT_WR)

    @staticmethod
    def _downstream(server: socket.socket, client: socket.socket) -> None:
        with server, client:
            while said := _received(server):
                try:
                    client.sendall(said)
                except OSError:
                    continue  # swallowed


def _received(link: socket.socket) -> bytes:
    try:
        return link.recv(_A_LOT)
    except OSError:
        return b""
