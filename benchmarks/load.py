"""A light load generator: one thread, raw sockets that stay open, requests made beforehand.

It shares the processors with the servers that it measures, so it decodes nothing: it counts answers of 200 that say
that the message was new, and the caller compares their number with the redemptions in the database.
"""

import json
import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.messages import InboundMessage

_CHUNK = 65536
_PATIENCE_S = 60


class BadAnswer(Exception):
    """A server answered something else than a redemption."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the generator saw."""

    rate: float
    """Answers a second."""
    latencies_ms: list[float]
    """From the request to the last byte of its answer, sorted."""

    def percentile_ms(self, percent: float) -> float:
        """The latency that ``percent`` of the answers did not exceed."""
        return self.latencies_ms[min(int(len(self.latencies_ms) * percent / 100), len(self.latencies_ms) - 1)]


def request(message: InboundMessage, port: int) -> bytes:
    """The bytes that say ``message`` through the playground's JSON door."""
    said = {"phone": message.user, "id": message.external_id, "text": message.text}
    body = json.dumps(said).encode()
    head = (
        f"POST /playground/say HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class _Connection:
    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)


def drive(port: int, requests: Sequence[bytes], connections: int, pause_s: float = 0.0) -> Outcome:
    """Send all ``requests`` over so many connections, the next one as soon as an answer is complete.

    Raises BadAnswer for anything but a 200 that tells of a new message.
    """
    waiting, latencies = deque(requests), []
    with selectors.DefaultSelector() as selector:
        for _ in range(min(connections, len(requests))):
            opened = socket.create_connection(("127.0.0.1", port))
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setblocking(False)
            selector.register(opened, selectors.EVENT_READ, _Connection(opened))
        began = time.perf_counter()
        for key in list(selector.get_map().values()):
            _send(key.data, waiting.popleft())
        while len(latencies) < len(requests):
            ready = selector.select(_PATIENCE_S)
            if not ready:
                raise BadAnswer(f"no answer within {_PATIENCE_S} s")
            for key, _ in ready:
                if _complete(key.data):
                    latencies.append((time.perf_counter() - key.data.sent_at) * 1000)
                    if waiting:
                        time.sleep(pause_s) if pause_s else None
                        _send(key.data, waiting.popleft())
        took_s = time.perf_counter() - began
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return Outcome(len(requests) / took_s, sorted(latencies))


def _send(connection: _Connection, raw: bytes) -> None:
    connection.sent_at = time.perf_counter()
    sent = connection.socket.send(raw)
    assert sent == len(raw), "a request of some hundred bytes fits the socket's buffer"


def _complete(connection: _Connection) -> bool:
    chunk = connection.socket.recv(_CHUNK)
    if not chunk:
        raise BadAnswer("the server closed the connection")
    connection.received += chunk
    head, separator, body = bytes(connection.received).partition(b"\r\n\r\n")
    if not separator:
        return False
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    if len(body) < length:
        return False
    if not head.startswith(b"HTTP/1.1 200") or b'"new"' not in body:
        raise BadAnswer(f"{head.splitlines()[0].decode()}: {body.decode()}")
    connection.received.clear()
    return True
