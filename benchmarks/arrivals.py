"""An open load generator: requests leave at fixed instants, whether or not those before them were answered.

It opens a connection whenever no idle one is left, as a crowd does, and gives each request up when the platform would.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.load import Connection, Looks

MOST_CONNECTIONS = 8_000
"""Whoever finds so many taken finds no way in, and counts as one to whom nothing was said."""
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of one request: ``status`` is 0 when nothing came in time, and -1 when the connection broke."""

    status: int
    after_s: float
    """From the instant at which it was to leave."""
    looks: bool


@dataclass(slots=True, eq=False)
class _Flight(Connection):
    number: int = -1
    due_at: float = 0.0
    raw: bytes = b""
    """What is still to be written."""


@dataclass
class Crowd:
    """Sends ``requests`` to ``port`` at ``rate`` a second, each given up ``patience_s`` after its instant."""

    port: int
    requests: Sequence[bytes]
    rate: float
    looks: Looks
    patience_s: float = 5.0
    seen: dict[int, Seen] = field(default_factory=dict)
    connections: int = 0
    """How many were opened."""
    _idle: list[_Flight] = field(default_factory=list)
    _flying: deque[tuple[int, _Flight]] = field(default_factory=deque)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def run(self) -> list[Seen]:
        """Send all of them; what became of each, in their order."""
        began, sent = time.perf_counter(), 0
        while sent < len(self.requests) or self._flying:
            now = time.perf_counter()
            while sent < len(self.requests) and (due_at := began + sent / self.rate) <= now:
                self._start(sent, due_at)
                sent += 1
            self._give_up(now)
            until = began + sent / self.rate if sent < len(self.requests) else now + 0.1
            for key, _ in self._selector.select(max(until - time.perf_counter(), 0)):
                self._step(key.data)
        for flight in self._idle:
            flight.socket.close()
        self._selector.close()
        return [self.seen[number] for number in range(len(self.requests))]

    def _start(self, number: int, due_at: float) -> None:
        if not self._idle and len(self._selector.get_map()) >= MOST_CONNECTIONS:
            self.seen[number] = Seen(0, self.patience_s, looks=False)
            return
        flight = self._idle.pop() if self._idle else self._opened()
        flight.number, flight.due_at, flight.raw = number, due_at, self.requests[number]
        self._flying.append((number, flight))
        self._step(flight)

    def _opened(self) -> _Flight:
        opened = socket.socket()
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setblocking(False)
        opened.connect_ex(("127.0.0.1", self.port))
        self.connections += 1
        flight = _Flight(opened)
        self._selector.register(opened, _READ, flight)
        return flight

    def _step(self, flight: _Flight) -> None:
        try:
            if flight.raw:
                self._write(flight)
            elif (answer := flight.answer()) is not None:
                self._land(flight, answer[0], self.looks(answer[1]))
                self._idle.append(flight)
        except BlockingIOError:
            pass
        except OSError:
            self._drop(flight, -1)

    def _write(self, flight: _Flight) -> None:
        try:
            flight.raw = flight.raw[flight.socket.send(flight.raw) :]
        finally:
            self._selector.modify(flight.socket, _WRITE if flight.raw else _READ, flight)

    def _land(self, flight: _Flight, status: int, looks: bool) -> None:  # noqa: FBT001  # what was seen, handed on
        self.seen[flight.number] = Seen(status, time.perf_counter() - flight.due_at, looks)
        flight.number = -1

    def _drop(self, flight: _Flight, status: int) -> None:
        self._selector.unregister(flight.socket)
        flight.socket.close()
        if flight.number < 0:
            self._idle.remove(flight)  # the server hung up between two requests
        else:
            self._land(flight, status, looks=False)

    def _give_up(self, now: float) -> None:
        while self._flying:
            number, flight = self._flying[0]
            if flight.number == number:
                if flight.due_at + self.patience_s > now:
                    return
                self._drop(flight, 0)
            self._flying.popleft()
