"""A lean SMSC on loopback (SMPP 3.4): it hands over what phones wrote, a window at a time, and takes the answers.

https://smpp.org/SMPP_v3_4_Issue1_2.pdf. One thread; it knows no more of the protocol than a link that behaves needs.
"""

import selectors
import socket
import struct
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

_CHUNK = 65536
_HEADER = struct.Struct(">LLLL")
_ANSWER = 0x80000000
_SUBMIT, _DELIVER, _UNBIND, _ENQUIRE = 0x04, 0x05, 0x06, 0x15
_BINDS = {0x01, 0x02, 0x09}
_PATIENCE_S = 60.0


def deliver_body(source: str, dest: str, text: str) -> bytes:
    """A deliver_sm: ``text`` in the default alphabet, from the phone ``source``."""
    head = b"\0\x01\x01" + source.encode() + b"\0\x03\0" + dest.encode() + b"\0" + b"\0\0\0\0\0\0\0\0\0"
    return head + bytes([len(text)]) + text.encode()


def said_to(body: bytes) -> tuple[bytes, bytes]:
    """(number, octets of the text) of a submit_sm."""
    rest = body[body.index(b"\0") + 3 :]  # service_type, and how the source is numbered
    rest = rest[rest.index(b"\0") + 3 :]
    number, _, rest = rest.partition(b"\0")
    rest = rest[3:]  # esm_class, protocol_id, priority_flag
    for _ in range(2):  # schedule_delivery_time, validity_period
        rest = rest[rest.index(b"\0") + 1 :]
    return number, rest[5 : 5 + rest[4]]


@dataclass(slots=True, eq=False)
class _Link:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    to_send: bytearray = field(default_factory=bytearray)
    unanswered: dict[int, bytes] = field(default_factory=dict)
    bound: bool = False


@dataclass
class Smsc:
    """Listens on ``port``. ``window`` deliver_sm at most wait for their answers on each link."""

    window: int
    port: int = 0
    refused: int = 0
    """Messages that were to come again."""
    submitted: list[bytes] = field(default_factory=list)
    """Bodies of submit_sm, in the order in which they came."""
    _waiting: deque[bytes] = field(default_factory=deque)
    _links: list[_Link] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _sequence: int = 0

    def __post_init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._selector.register(self._listening, selectors.EVENT_READ, None)

    def wait_for_links(self, count: int) -> None:
        """Until so many are bound."""
        until = time.monotonic() + _PATIENCE_S
        while sum(link.bound for link in self._links) < count:
            assert time.monotonic() < until, "nobody binds"
            self._step()

    def exchange(self, bodies: Sequence[bytes]) -> float:
        """Hand over all of ``bodies`` and take an answer to each; exchanges a second, acknowledged both ways."""
        self.submitted = []
        self._waiting.extend(bodies)
        began = heard_at = time.perf_counter()
        while self._waiting or len(self.submitted) < len(bodies) or any(link.unanswered for link in self._links):
            if self._step():
                heard_at = time.perf_counter()
            assert time.perf_counter() - heard_at < _PATIENCE_S, f"{len(self.submitted)} of {len(bodies)} answers came"
        return len(bodies) / (time.perf_counter() - began)

    def idle(self) -> None:
        """Let links unbind, until all of them have gone."""
        until = time.monotonic() + _PATIENCE_S
        while self._links and time.monotonic() < until:
            self._step()

    def close(self) -> None:
        """Hang up."""
        for link in self._links:
            link.socket.close()
        self._listening.close()
        self._selector.close()

    def _step(self) -> int:
        for link in self._links:
            while self._waiting and link.bound and len(link.unanswered) < self.window:
                self._deliver(link, self._waiting.popleft())
            self._write(link)
        heard = 0
        for key, _ in self._selector.select(0.1):
            if key.data is None:
                opened, _ = self._listening.accept()
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                link = _Link(opened)
                self._links.append(link)
                self._selector.register(opened, selectors.EVENT_READ, link)
            else:
                heard += self._hear(key.data)
        return heard

    def _deliver(self, link: _Link, body: bytes) -> None:
        self._sequence += 1
        link.unanswered[self._sequence] = body
        link.to_send += _HEADER.pack(16 + len(body), _DELIVER, 0, self._sequence) + body

    def _write(self, link: _Link) -> None:
        if link.to_send:
            link.socket.sendall(link.to_send)
            link.to_send.clear()

    def _hear(self, link: _Link) -> int:
        chunk = link.socket.recv(_CHUNK)
        if not chunk:
            self._selector.unregister(link.socket)
            self._links.remove(link)
            assert not link.unanswered, "a link was lost"
            return 0
        link.received += chunk
        heard, begin, received = 0, 0, link.received
        while len(received) - begin >= 16:
            length, command, status, sequence = _HEADER.unpack_from(received, begin)
            if len(received) - begin < length:
                break
            body = bytes(received[begin + 16 : begin + length])
            self._take(link, command, status, (sequence, body))
            begin += length
            heard += 1
        del received[:begin]
        return heard

    def _take(self, link: _Link, command: int, status: int, rest: tuple[int, bytes]) -> None:
        sequence, body = rest
        if command == _DELIVER | _ANSWER:
            delivered = link.unanswered.pop(sequence)
            if status:
                self.refused += 1
                self._waiting.append(delivered)
        elif command == _SUBMIT:
            self.submitted.append(body)
            taken = b"%x\0" % len(self.submitted)
            link.to_send += _HEADER.pack(16 + len(taken), _SUBMIT | _ANSWER, 0, sequence) + taken
        elif command in _BINDS:
            link.bound = True
            link.to_send += _HEADER.pack(21, command | _ANSWER, 0, sequence) + b"SMSC\0"
        elif command in {_UNBIND, _ENQUIRE}:
            link.bound &= command != _UNBIND
            link.to_send += _HEADER.pack(16, command | _ANSWER, 0, sequence)
