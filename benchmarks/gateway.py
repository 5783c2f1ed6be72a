"""A lean platform on loopback that takes every text handed to it over HTTP: one thread, no parsing beyond an id."""

import re
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_CHUNK = 65536
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass
class Gateway:
    """Answers each request with ``answer``; ``known_by`` finds in its body what must be different in each."""

    answer: bytes
    known_by: "re.Pattern[bytes]"
    port: int = 0
    taken: list[bytes] = field(default_factory=list)
    """What the requests were known by, in the order in which they came."""
    first_at: float = 0.0
    last_at: float = 0.0

    def clear(self) -> None:
        """Forget what came."""
        self.taken = []

    def serve(self, listening: socket.socket, stopped: threading.Event) -> None:
        """Until ``stopped``."""
        with selectors.DefaultSelector() as selector:
            selector.register(listening, selectors.EVENT_READ, None)
            while not stopped.is_set():
                for key, _ in selector.select(0.1):
                    if key.data is None:
                        self._accept(selector, listening)
                    else:
                        self._hear(selector, key.fileobj, key.data)
            for key in list(selector.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]  # all of them are sockets

    def _accept(self, selector: selectors.BaseSelector, listening: socket.socket) -> None:
        opened, _ = listening.accept()
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(opened, selectors.EVENT_READ, bytearray())

    def _hear(self, selector: selectors.BaseSelector, caller: Any, received: bytearray) -> None:
        try:
            chunk = caller.recv(_CHUNK)
        except ConnectionError:
            chunk = b""
        if not chunk:
            selector.unregister(caller)
            caller.close()
            return
        received += chunk
        split = received.find(b"\r\n\r\n")
        if split < 0:
            return
        found = _LENGTH.search(received, 0, split)
        if len(received) - split - 4 < int(found[1] if found else 0):
            return
        known = self.known_by.search(bytes(received), split)
        assert known is not None, bytes(received)
        received.clear()
        self.last_at = time.perf_counter()
        if not self.taken:
            self.first_at = self.last_at
        self.taken.append(known[1])
        caller.sendall(self.answer)


@contextmanager
def gateway(answer: str, known_by: str) -> Iterator[Gateway]:
    """A gateway in a thread of its own that says ``answer``, a JSON document, to everything."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n\r\n"
    served, stopped = Gateway((head + answer).encode(), re.compile(known_by.encode())), threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        served.port = listening.getsockname()[1]
        thread = threading.Thread(target=served.serve, args=(listening, stopped))
        thread.start()
        try:
            yield served
        finally:
            stopped.set()
            thread.join()
