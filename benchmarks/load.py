"""A light load generator: one thread, raw sockets that stay open, requests made beforehand.

It shares the processors with the servers that it measures, so it decodes nothing: it counts answers of 200 that look
as they should, and the caller compares their number with the redemptions in the database.
"""

import json
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.messages import InboundMessage

_CHUNK = 65536
_PATIENCE_S = 60

Looks = Callable[[bytes], bool]
"""Whether the body of an answer looks like that to a redemption."""


class BadAnswer(Exception):
    """A server answered something else than a redemption."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run of the generator saw."""

    rate: float
    """Answers a second."""
    latencies_ms: list[float]
    """From the request to the last byte of its answer, sorted."""
    own_share: float
    """Of one processor: what the generator itself took."""

    def percentile_ms(self, percent: float) -> float:
        """The latency that ``percent`` of the answers did not exceed."""
        return self.latencies_ms[min(int(len(self.latencies_ms) * percent / 100), len(self.latencies_ms) - 1)]


def request(message: InboundMessage, port: int) -> bytes:
    """The bytes that say ``message`` through the playground's JSON door."""
    said = {"phone": message.user, "id": message.external_id, "text": message.text}
    return post("/playground/say", port, "application/json", json.dumps(said).encode())


def post(target: str, port: int, content_type: str, body: bytes) -> bytes:
    """The bytes of a POST."""
    head = (
        f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def is_new(body: bytes) -> bool:
    """Whether the playground's JSON door took a message as new."""
    return b'"new"' in body


@dataclass(slots=True, eq=False)
class Connection:
    """One connection, with at most one request on its way."""

    socket: socket.socket
    sent_at: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def answer(self) -> tuple[int, bytes] | None:
        """(status, body) when the answer is complete. Raises ConnectionError when there will be none."""
        chunk = self.socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionResetError
        if self.received:
            self.received += chunk
            chunk = bytes(self.received)
        split = chunk.find(b"\r\n\r\n")
        if split >= 0:
            head = chunk[:split].lower()
            length = int(head.split(b"content-length:")[1].split(b"\r\n", 1)[0])
            if len(chunk) - split - 4 >= length:
                self.received.clear()
                return int(head[9:12]), chunk[split + 4 :]
        if not self.received:
            self.received += chunk
        return None


def drive(
    port: int, requests: Sequence[bytes], connections: int, pause_s: float = 0.0, looks: Looks = is_new
) -> Outcome:
    """Send all ``requests`` over so many connections, the next one as soon as an answer is complete.

    Raises BadAnswer for anything but a 200 that ``looks`` like a redemption.
    """
    waiting, latencies = deque(requests), list[float]()
    with selectors.DefaultSelector() as selector:
        for _ in range(min(connections, len(requests))):
            opened = socket.create_connection(("127.0.0.1", port))
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            opened.setblocking(False)
            selector.register(opened, selectors.EVENT_READ, Connection(opened))
        began, own = time.perf_counter(), time.process_time()
        for key in list(selector.get_map().values()):
            _send(key.data, waiting.popleft())
        while len(latencies) < len(requests):
            ready = selector.select(_PATIENCE_S)
            if not ready:
                raise BadAnswer(f"no answer within {_PATIENCE_S} s")
            for key, _ in ready:
                if _complete(key.data, looks):
                    latencies.append((time.perf_counter() - key.data.sent_at) * 1000)
                    if waiting:
                        time.sleep(pause_s) if pause_s else None
                        _send(key.data, waiting.popleft())
        took_s, own_s = time.perf_counter() - began, time.process_time() - own
        for key in list(selector.get_map().values()):
            key.data.socket.close()
    return Outcome(len(requests) / took_s, sorted(latencies), own_s / took_s)


def _send(connection: Connection, raw: bytes) -> None:
    connection.sent_at = time.perf_counter()
    sent = connection.socket.send(raw)
    assert sent == len(raw), "a request of some hundred bytes fits the socket's buffer"


def _complete(connection: Connection, looks: Looks) -> bool:
    try:
        answer = connection.answer()
    except ConnectionError:
        raise BadAnswer("the server closed the connection") from None
    if answer is None:
        return False
    status, body = answer
    if status != 200 or not looks(body):
        raise BadAnswer(f"{status}: {body.decode(errors='replace')}")
    return True
