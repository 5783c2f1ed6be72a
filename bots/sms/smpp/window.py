"""What is in flight on one link, what waits to be, and which acknowledgements may have been in vain.

SMPP 3.4, 2.7 and 5.1.4, https://smpp.org/SMPP_v3_4_Issue1_2.pdf: an SMSC answers in any order, by sequence number.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bots.sms.smpp.deduplication import DeduplicationKey
from bots.sms.smpp.pdu import Command, Pdu

_LAST_SEQUENCE = 0x7FFFFFFF
_CHUNK = 64 * 1024  # octets that are written at once


class NoResponse(Enum):
    """Why a submit_sm has no answer."""

    UNSENT = "unsent"
    """It was never written."""
    LOST = "lost"
    """It was written, and the answer did not come."""


@dataclass(frozen=True, slots=True)
class SubmitResponse:
    """What a submit_sm_resp says."""

    status: int
    message_id: str


@dataclass(slots=True, eq=False)
class Submission:
    """One submit_sm. ``on_response`` is called once, from a link's thread, and must return at once."""

    body: bytes
    on_response: Callable[[SubmitResponse | NoResponse], None]
    withdrawn: bool = False
    written: bool = False


@dataclass(slots=True)
class Flight:
    """A request of ours that was written."""

    command: int
    order: int
    written_s: float
    submission: Submission | None


@dataclass(slots=True)
class Window:
    """The outgoing half of one link. What is called from other threads says so; the rest is the link's own."""

    size: int
    flights: dict[int, Flight] = field(default_factory=dict)
    doubtful: deque[tuple[int, float, DeduplicationKey]] = field(default_factory=deque)
    """Acknowledgements by which no proof has come yet that they were read: (order, when, whose)."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _answers: deque[tuple[bytes, DeduplicationKey | None]] = field(default_factory=deque)
    _requests: deque[Pdu] = field(default_factory=deque)
    _waiting: deque[Submission] = field(default_factory=deque)
    _sequence: int = 0
    _order: int = 0
    _submitted: int = 0
    _closed: bool = False

    @property
    def load(self) -> int:
        """Submissions that wait or are in flight. From any thread."""
        return len(self._waiting) + self._submitted

    @property
    def answers_wait(self) -> bool:
        """Whether answers are not written yet."""
        return bool(self._answers)

    def answer(self, pdu: Pdu, key: DeduplicationKey | None = None) -> None:
        """Queue an answer. From any thread."""
        with self._lock:
            if not self._closed:
                self._answers.append((pdu.written(), key))

    def request(self, command: Command, body: bytes = b"") -> None:
        """Queue a request of the session itself, which goes whatever the window."""
        self._requests.append(Pdu(command, 0, 0, body))

    def submit(self, submissions: Sequence[Submission]) -> bool:
        """Queue texts; False when it is too late. From any thread."""
        with self._lock:
            if not self._closed:
                self._waiting.extend(submissions)
            return not self._closed

    def withdraw(self, submission: Submission) -> bool:
        """Take back what was not written; False when it was. From any thread."""
        with self._lock:
            submission.withdrawn = not submission.written
            return submission.withdrawn

    def chunk(self, now_s: float, *, bound: bool) -> bytes:
        """What may be written now, and then counts as written. Answers go first: a request's answer proves them."""
        parts: list[bytes] = []
        keys: list[DeduplicationKey] = []
        room = _CHUNK
        self._order += 1
        with self._lock:
            while self._answers and room > 0:
                octets, key = self._answers.popleft()
                parts.append(octets)
                room -= len(octets)
                if key is not None:
                    keys.append(key)
            while self._requests:
                parts.append(self._fly(self._requests.popleft(), now_s))
            while bound and self._waiting and self._submitted < self.size and room > 0:
                submission = self._waiting.popleft()
                if not submission.withdrawn:
                    submission.written = True
                    self._submitted += 1
                    parts.append(self._fly(Pdu(Command.SUBMIT_SM, 0, 0, submission.body), now_s, submission))
                    room -= len(parts[-1])
        for key in keys:
            key.written()
            self.doubtful.append((self._order, now_s, key))
        return b"".join(parts)

    def _fly(self, pdu: Pdu, now_s: float, submission: Submission | None = None) -> bytes:
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        self.flights[self._sequence] = Flight(pdu.command, self._order, now_s, submission)
        return Pdu(pdu.command, 0, self._sequence, pdu.body).written()

    def land(self, sequence: int) -> Flight | None:
        """The request that an answer belongs to; the SMSC has read all that was written before it."""
        flight = self.flights.pop(sequence, None)
        if flight is not None:
            self._submitted -= flight.submission is not None
            while self.doubtful and self.doubtful[0][0] <= flight.order:
                self.doubtful.popleft()
        return flight

    def overdue(self, now_s: float, limit_s: float) -> list[Flight]:
        """Give up waiting for requests that were written ``limit_s`` ago."""
        late = []
        for sequence, flight in self.flights.items():
            if now_s - flight.written_s < limit_s:
                break
            late.append(sequence)
        found = [self.flights.pop(sequence) for sequence in late]
        self._submitted -= sum(flight.submission is not None for flight in found)
        return found

    def close(self) -> None:
        """The link is lost: tell everybody who waits."""
        with self._lock:
            self._closed = True
            waiting = [one for one in self._waiting if not one.withdrawn]
            self._waiting.clear()
        for submission in waiting:
            submission.on_response(NoResponse.UNSENT)
        for flight in self.flights.values():
            if flight.submission is not None:
                flight.submission.on_response(NoResponse.LOST)
        self.flights.clear()
        self._submitted = 0
        for _, _, key in self.doubtful:
            key.lost()
        self.doubtful.clear()
