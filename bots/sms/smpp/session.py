"""One bound connection: reads, answers, keeps the link alive, and ends with LinkLost (SMPP 3.4, 2.2 and 2.9).

https://smpp.org/SMPP_v3_4_Issue1_2.pdf. One thread does all that is done with the socket; others queue and wake it.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import structlog

from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.command_status import BAD_COMMAND, BAD_LENGTH, NEVER_DELIVER, OK, SYSTEM_ERROR, TRY_LATER, status_of
from bots.sms.smpp.connection import Connection, LinkLost
from bots.sms.smpp.deduplication import DeduplicationKey
from bots.sms.smpp.delivery_reports import MessageIds
from bots.sms.smpp.inbound import SmppInbound
from bots.sms.smpp.pdu import (
    ANSWER,
    Command,
    Garbled,
    Pdu,
    Reader,
    Unreadable,
    bind_body,
    read_deliver,
    read_message_id,
)
from bots.sms.smpp.timeouts import Timeouts
from bots.sms.smpp.window import Flight, NoResponse, Submission, SubmitResponse, Window

log = structlog.get_logger()

_UNBIND_S = 3.0
_NAMED = frozenset(Command)


@dataclass(frozen=True, slots=True)
class SessionContext:
    """What every session of one account has in common. ``running_s`` is a clock that only runs."""

    account: SmppAccount
    inbound: SmppInbound
    message_ids: MessageIds
    running_s: Callable[[], float]
    timeouts: Timeouts


class DeliverResponse:
    """The deliver_sm_resp that one deliver_sm waits for, on the connection that it came by."""

    __slots__ = ("_sequence", "_session")

    def __init__(self, session: "Session", sequence: int) -> None:
        self._session, self._sequence = session, sequence

    def answer(self, status: int, key: DeduplicationKey | None = None) -> None:
        """Write it, when that connection is still there."""
        self._session.acknowledge(self._sequence, status, key)


class Session:
    """One connection, from the bind to its end. :meth:`run` belongs to one thread, what others may call says so."""

    def __init__(self, connection: Connection, role: Command, context: SessionContext) -> None:
        self._connection, self._role, self._context = connection, role, context
        self._account, self._running_s, self._timeouts = context.account, context.running_s, context.timeouts
        self._limit_s = context.account.answer_limit_s
        self._reader, self._window = Reader(), Window(context.account.window)
        self._lock, self._unacknowledged = threading.Lock(), 0
        self._heard_at_s = self._asked_at_s = self._looked_at_s = self._running_s()
        self._asking = False
        self._leave_at_s: float | None = None
        self._unbinding_at_s: float | None = None
        self.bound = self.good = False
        self.received = self.submitted = 0

    @property
    def load(self) -> int:
        """Submissions that wait or are in flight. From any thread."""
        return self._window.load

    @property
    def takes(self) -> bool:
        """Whether it may be given texts. From any thread."""
        return self.bound and self._leave_at_s is None

    def submit(self, submissions: Sequence[Submission]) -> bool:
        """Queue texts; False when the link is lost or leaving. From any thread."""
        if not self.takes or not self._window.submit(submissions):
            return False
        self._connection.wake()
        return True

    def withdraw(self, submissions: Iterable[Submission]) -> None:
        """Take back what was not written: it is told so. From any thread."""
        for submission in submissions:
            if self._window.withdraw(submission):
                submission.on_response(NoResponse.UNSENT)

    def acknowledge(self, sequence: int, status: int, key: DeduplicationKey | None) -> None:
        """Answer a deliver_sm. From any thread."""
        with self._lock:
            self._unacknowledged -= 1
        self._window.answer(Pdu(Command.DELIVER_SM | ANSWER, status, sequence, b"\0"), key)
        self._connection.wake()

    def leave(self, within_s: float) -> None:
        """Take nothing more, wait for what is in flight, unbind and end. From any thread."""
        self._leave_at_s = self._running_s() + within_s
        self._connection.wake()

    def run(self) -> None:
        """Bind, and serve until LinkLost, which this raises, or OSError."""
        self._window.request(self._role, bind_body(self._account))
        try:
            while True:
                self._write()
                if self._connection.wait(self._timeouts.tick_s):
                    self._read()
                now_s = self._running_s()
                if now_s - self._looked_at_s >= self._timeouts.tick_s:
                    self._looked_at_s = now_s
                    self._look_after(now_s)
        finally:
            self.bound = False
            self._window.close()

    def _write(self) -> None:
        self._connection.write(lambda: self._window.chunk(self._running_s(), bound=self.bound))

    def _read(self) -> None:
        for octets in self._connection.read():
            self._heard_at_s = self._running_s()
            try:
                for pdu in self._reader.feed(octets):
                    self._take(pdu)
            except Garbled:
                self._last_words(Pdu(Command.GENERIC_NACK, BAD_LENGTH, 0))
                raise LinkLost("garbled") from None

    def _last_words(self, pdu: Pdu) -> None:
        self._window.answer(pdu)
        with suppress(OSError):
            self._write()

    def _take(self, pdu: Pdu) -> None:
        self.good = self.good or self.bound  # it has said more than that we are welcome
        match pdu.command:
            case Command.DELIVER_SM:
                self._deliver(pdu)
            case Command.ENQUIRE_LINK:
                self._window.answer(Pdu(Command.ENQUIRE_LINK | ANSWER, OK, pdu.sequence))
            case Command.UNBIND:
                self._last_words(Pdu(Command.UNBIND | ANSWER, OK, pdu.sequence))
                raise LinkLost("unbound_by_peer")
            case Command.ALERT_NOTIFICATION:  # it wants no answer
                self._ignore(pdu)
            case command if command & ANSWER:
                self._answered(pdu)
            case _:
                self._ignore(pdu)
                self._window.answer(Pdu(Command.GENERIC_NACK, BAD_COMMAND, pdu.sequence))

    def _ignore(self, pdu: Pdu) -> None:
        kind = Command(pdu.command).name.lower() if pdu.command in _NAMED else "other"
        self._context.inbound.ignore(f"pdu:{kind}", f"command:{pdu.command:#010x}")

    def _deliver(self, pdu: Pdu) -> None:
        response = DeliverResponse(self, pdu.sequence)
        with self._lock:
            self._unacknowledged += 1
        if not self.takes:
            response.answer(TRY_LATER)
            return
        self.received += 1
        try:
            self._context.inbound.receive(read_deliver(pdu.body), response)
        except Unreadable as error:
            self._context.inbound.ignore("pdu:deliver_sm", str(error))
            response.answer(NEVER_DELIVER)
        except Exception:  # one message must not end the link of all others
            log.exception("smpp.hearing_failed", account=self._account.name)
            response.answer(SYSTEM_ERROR)

    def _answered(self, pdu: Pdu) -> None:
        flight = self._window.land(pdu.sequence)
        if flight is None:
            return  # too late, or to nothing of ours
        if pdu.command == Command.GENERIC_NACK and pdu.status == OK:  # it refuses, and does not say why
            pdu = replace(pdu, status=SYSTEM_ERROR)
        if flight.submission is not None:
            message_id = read_message_id(pdu.body)
            if pdu.status == OK:
                self.submitted += 1
                self._context.message_ids.add(message_id)
            flight.submission.on_response(SubmitResponse(pdu.status, message_id))
        elif flight.command == Command.ENQUIRE_LINK:
            self._asking = False
        elif flight.command == Command.UNBIND:
            raise LinkLost("unbound")
        elif pdu.status != OK:
            raise LinkLost(f"bind_refused:{status_of(pdu.status).name}")
        else:
            self.bound = True
            log.info("smpp.bound", account=self._account.name)

    def _look_after(self, now_s: float) -> None:
        self._context.inbound.tick()
        if self._connection.stuck_s > self._limit_s:
            raise LinkLost("stuck")
        if self._asking and now_s - max(self._asked_at_s, self._heard_at_s) > self._limit_s:
            raise LinkLost("silent")
        for flight in self._window.overdue(now_s, self._limit_s):
            self._unanswered(flight)
        if self._leave_at_s is not None:
            self._leave(now_s, self._leave_at_s)
        elif self.bound and not self._asking and self._is_time_to_ask(now_s):
            self._asking, self._asked_at_s = True, now_s
            self._window.request(Command.ENQUIRE_LINK)

    def _unanswered(self, flight: Flight) -> None:
        if flight.submission is not None:
            flight.submission.on_response(NoResponse.LOST)
        elif flight.command == Command.ENQUIRE_LINK:
            self._asking = False  # something else came meanwhile, or the link would be lost
        else:
            raise LinkLost("unbound" if flight.command == Command.UNBIND else "bind_unanswered")

    def _is_time_to_ask(self, now_s: float) -> bool:
        since_s, proof_s = now_s - self._asked_at_s, self._timeouts.proof_s
        if since_s >= self._account.enquire_link_s:
            return True
        doubtful = self._window.doubtful
        return bool(doubtful) and now_s - doubtful[0][1] >= proof_s and since_s >= proof_s

    def _leave(self, now_s: float, at_s: float) -> None:
        if self._unbinding_at_s is not None:
            if now_s - self._unbinding_at_s > _UNBIND_S:
                raise LinkLost("unbound")
        elif not self.bound:
            raise LinkLost("stopped")
        elif now_s >= at_s or not (self._window.load or self._unacknowledged or self._window.answers_wait):
            self._unbinding_at_s = now_s
            self._window.request(Command.UNBIND)
