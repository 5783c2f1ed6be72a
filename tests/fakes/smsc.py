"""An SMSC on loopback, packed by hand so that it shares no code with what it tests, and badly behaved on demand.

SMPP 3.4, https://smpp.org/SMPP_v3_4_Issue1_2.pdf. What phones say waits in ``waiting`` until it was acknowledged: it is
delivered again after a cut, and after an answer that says so.
"""

import select
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

SUBMIT, DELIVER, UNBIND, ENQUIRE, NACK = 0x04, 0x05, 0x06, 0x15, 0x80000000
BINDS = {0x01: "receiver", 0x02: "transmitter", 0x09: "transceiver"}
ANSWER = 0x80000000
_LIMIT_S = 30
"""So long the other side may take nothing of what is sent to it."""
PASSES = {0x14, 0x58, 0x64, 0x08}
"""Answers to a deliver_sm after which it is delivered again."""


def pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def option(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


@dataclass
class Mo:
    """What a phone says, or a receipt."""

    source: str
    octets: bytes
    dest: str = "12345"
    esm_class: int = 0
    data_coding: int = 0
    ton: int = 1
    npi: int = 1
    options: bytes = b""
    statuses: list[int] = field(default_factory=list)
    delivered: int = 0

    def body(self) -> bytes:
        head = b"\0" + bytes([self.ton, self.npi]) + self.source.encode("latin-1") + b"\0"
        head += b"\0\0" + self.dest.encode() + b"\0" + bytes([self.esm_class, 0, 0]) + b"\0\0\0\0"
        return head + bytes([self.data_coding, 0, len(self.octets)]) + self.octets + self.options


@dataclass
class Submitted:
    """One submit_sm as it came."""

    link: int
    sequence: int
    source: str
    dest: str
    dest_ton: int
    esm_class: int
    registered: int
    data_coding: int
    octets: bytes
    options: dict[int, bytes]
    at: float
    service_type: str
    validity: str


class Connection:
    """One ESME's connection."""

    def __init__(self, smsc: "Smsc", sock: socket.socket, number: int) -> None:
        self.smsc, self.sock, self.number = smsc, sock, number
        self.role: str | None = None
        self.pending: dict[int, Mo] = {}
        self.alive, self.sequence = True, 0
        self._lock = threading.Lock()
        """Whoever reads or writes: TLS bears one at a time."""
        sock.settimeout(_LIMIT_S)

    @property
    def hears(self) -> bool:
        return self.alive and self.role in {"receiver", "transceiver"}

    def send(self, octets: bytes) -> None:
        with self._lock, suppress(OSError):
            self.sock.sendall(octets)

    def deliver(self, mo: Mo) -> None:
        with self._lock:
            self.sequence += 1
            sequence = self.sequence
        self.pending[sequence] = mo
        mo.delivered += 1
        self.send(pdu(DELIVER, sequence, mo.body()))
        if not self.alive:  # it was cut meanwhile, and may have been counted out already
            self.smsc.lost(self)

    def cut(self, *, hard: bool = False) -> None:
        """Close, and with ``hard`` by a reset that throws away what is under way."""
        self.alive = False
        with suppress(OSError):
            if hard:  # the thread that reads wakes up and closes, which then resets
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.shutdown(socket.SHUT_RD if hard else socket.SHUT_RDWR)

    def _read(self) -> bytes:
        """What has come, however long that takes; b"" at the end."""
        while True:
            with self._lock:
                ready = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
            if ready or select.select([self.sock], [], [], _LIMIT_S)[0]:
                with self._lock:
                    return self.sock.recv(65536)

    def serve(self) -> None:
        rest = b""
        try:
            while chunk := self._read():
                rest += chunk
                while len(rest) >= 16 and self.alive:
                    length, command, status, sequence = struct.unpack(">IIII", rest[:16])
                    if len(rest) < length:
                        break
                    body, rest = rest[16:length], rest[length:]
                    self.smsc.take(self, command, status, sequence, body)
        except (OSError, ValueError):
            pass
        finally:
            self.alive = False
            self.sock.close()
            self.smsc.lost(self)


class Smsc:
    """The server. Settings may be changed at any time; lists grow as things happen."""

    def __init__(
        self, *, system_id: str = "huoju", password: str = "secret", tls: ssl.SSLContext | None = None
    ) -> None:
        self._credentials, self._tls = (system_id.encode(), password.encode()), tls
        self.bind_status: int | None = 0
        """None: the bind is never answered."""
        self.mo_window = 10
        self.submit_status: Callable[[Submitted], int | None] = lambda _submitted: 0
        """None: that text is never answered."""
        self.message_id: Callable[[int], str] = str
        self.hold_answers = 0
        """So many answers to submit_sm are kept back and then given in reverse."""
        self.answers_enquiries = True
        self.reads_answers = True
        """Unless: an acknowledgement is thrown away, as if the link had died before it came."""
        self.before_deliver: Callable[[Connection, Mo], None] = lambda _connection, _mo: None
        self.submits: list[Submitted] = []
        self.binds: list[tuple[str, bytes]] = []
        self.enquiries = self.unbinds = 0
        self.nacks: list[tuple[int, int]] = []
        self.answers: list[tuple[int, int]] = []
        """(sequence, status) of answers to requests that a test sent raw."""
        self.connections: list[Connection] = []
        self.waiting: deque[Mo] = deque()
        self._held: list[tuple[Connection, bytes]] = []
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._welcome, args=(sock,), daemon=True).start()

    def _welcome(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            try:
                sock = self._tls.wrap_socket(sock, server_side=True)
            except OSError:
                sock.close()
                return
        with self._changed:
            connection = Connection(self, sock, len(self.connections))
            self.connections.append(connection)
        connection.serve()

    def take(self, connection: Connection, command: int, status: int, sequence: int, body: bytes) -> None:
        if command == SUBMIT:
            self._submit(connection, sequence, body)
        elif command == DELIVER | ANSWER:
            self._acknowledged(connection, status, sequence)
        elif command in BINDS:
            self._bind(connection, command, sequence, body)
        elif command == ENQUIRE:
            self.enquiries += 1
            if self.answers_enquiries:
                connection.send(pdu(ENQUIRE | ANSWER, sequence))
        elif command == UNBIND:
            self.unbinds += 1
            connection.send(pdu(UNBIND | ANSWER, sequence))
            connection.cut()
        elif command == NACK:
            self.nacks.append((sequence, status))
        else:
            self.answers.append((sequence, status))
        self._notify()

    def _bind(self, connection: Connection, command: int, sequence: int, body: bytes) -> None:
        system_id, password = body.split(b"\0")[:2]
        self.binds.append((BINDS[command], body))
        status = self.bind_status
        if status is None:
            return
        if (system_id, password) != self._credentials:
            status = 0x0E
        connection.send(pdu(command | ANSWER, sequence, b"fake\0", status))
        if not status:
            connection.role = BINDS[command]
            self.pump()

    def _submit(self, connection: Connection, sequence: int, body: bytes) -> None:
        submitted = read_submit(connection.number, sequence, body)
        self.submits.append(submitted)
        status = self.submit_status(submitted)
        if status is None:
            return
        answer = pdu(SUBMIT | ANSWER, sequence, self.message_id(len(self.submits)).encode() + b"\0", status)
        if not self.hold_answers:
            connection.send(answer)
            return
        self._held.append((connection, answer))
        if len(self._held) >= self.hold_answers:
            held, self._held = self._held, []
            for one, octets in reversed(held):
                one.send(octets)

    def _acknowledged(self, connection: Connection, status: int, sequence: int) -> None:
        mo = connection.pending.pop(sequence, None) if self.reads_answers else None
        if mo is None:
            self.answers.append((sequence, status))
            return
        mo.statuses.append(status)
        if status in PASSES:
            threading.Timer(0.02, self.say, (mo,)).start()
        self.pump()

    def lost(self, connection: Connection) -> None:
        """What was not acknowledged is delivered again, before anything else."""
        with suppress(KeyError):
            while True:
                self.waiting.appendleft(connection.pending.popitem()[1])
        self.pump()
        self._notify()

    def say(self, *mos: Mo) -> None:
        """Let phones speak."""
        self.waiting.extend(mos)
        self.pump()

    def pump(self) -> None:
        while self.waiting:
            free = [c for c in self.connections if c.hears and len(c.pending) < self.mo_window]
            if not free:
                return
            try:
                mo = self.waiting.popleft()
            except IndexError:
                return
            connection = min(free, key=lambda one: len(one.pending))
            self.before_deliver(connection, mo)
            connection.deliver(mo)

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def until(self, holds: Callable[[], object], limit_s: float = 60) -> None:
        """Wait for something to be so."""
        end = time.monotonic() + limit_s
        while not holds():
            with self._changed:
                self._changed.wait(0.01)
            assert time.monotonic() < end, "it did not come to that"

    def bound(self, count: int = 1) -> list[Connection]:
        """Wait for so many bound connections."""
        self.until(lambda: len([c for c in self.connections if c.alive and c.role]) >= count)
        return [c for c in self.connections if c.alive and c.role]

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self.connections:
            connection.cut()


def read_submit(link: int, sequence: int, body: bytes) -> Submitted:
    def text() -> str:
        nonlocal body
        word, body = body.split(b"\0", 1)
        return word.decode("latin-1")

    def octet() -> int:
        nonlocal body
        first, body = body[0], body[1:]
        return first

    service_type = text()
    octet(), octet()
    source = text()
    dest_ton, _ = octet(), octet()
    dest = text()
    esm_class, _, _ = octet(), octet(), octet()
    _, validity = text(), text()
    registered, _, data_coding, _, length = octet(), octet(), octet(), octet(), octet()
    octets, body = body[:length], body[length:]
    options = {}
    while body:
        tag, size = struct.unpack(">HH", body[:4])
        options[tag], body = body[4 : 4 + size], body[4 + size :]
    now_s = time.monotonic()
    return Submitted(
        link,
        sequence,
        source,
        dest,
        dest_ton,
        esm_class,
        registered,
        data_coding,
        octets,
        options,
        now_s,
        service_type,
        validity,
    )


def parts(
    source: str, pieces: Iterable[bytes], reference: int = 7, *, wide: bool = False, data_coding: int = 0
) -> list[Mo]:
    """A long message in parts with a header, of an 8-bit or a ``wide`` 16-bit reference."""
    octets = list(pieces)
    head = b"\x06\x08\x04" + reference.to_bytes(2, "big") if wide else b"\x05\x00\x03" + bytes([reference])
    return [
        Mo(source, head + bytes([len(octets), place]) + piece, esm_class=0x40, data_coding=data_coding)
        for place, piece in enumerate(octets, 1)
    ]


def sar_parts(source: str, pieces: Iterable[bytes], reference: int = 300) -> list[Mo]:
    """The same with SAR parameters."""
    octets = list(pieces)
    return [
        Mo(
            source,
            piece,
            options=option(0x020C, reference.to_bytes(2, "big"))
            + option(0x020E, bytes([len(octets)]))
            + option(0x020F, bytes([place])),
        )
        for place, piece in enumerate(octets, 1)
    ]


def receipt(message_id: str, stat: str = "DELIVRD", *, err: str = "000", source: str = "8613800138000") -> Mo:
    """A receipt in the form of the standard's Appendix B."""
    dates = "submit date:2612010400 done date:2612010401"
    words = f"id:{message_id} sub:001 dlvrd:001 {dates} stat:{stat} err:{err} text:hello"
    return Mo(source, words.encode(), esm_class=0x04)
