"""What `huoju doctor` looks at in an SMPP account: name, port, certificate, bind, and whether the SMSC answers.

SMPP 3.4, https://smpp.org/SMPP_v3_4_Issue1_2.pdf.
"""

import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bots.base import Finding, finding
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.command_status import ALREADY_BOUND, OK, status_of
from bots.sms.smpp.connection import secured
from bots.sms.smpp.pdu import ANSWER, Command, Garbled, Pdu, Reader, bind_body
from core.times import Clock

_SOON = timedelta(days=14)


def findings(account: SmppAccount, clock: Clock, limit_s: float = 10.0) -> Iterator[Finding]:
    """Look at ``account`` step by step, and stop at the first step that the others need and that fails.

    It binds as a transmitter where the account has pairs, else as a transceiver, and unbinds at once; what an SMSC
    delivers meanwhile is not acknowledged, so it comes again.
    """
    try:
        found = socket.getaddrinfo(account.host, account.port, type=socket.SOCK_STREAM)
    except OSError:
        yield finding("host", False, "{host} has no address; correct host", host=account.host)
        return
    yield finding("host", bool(found))
    try:
        connection = socket.create_connection((account.host, account.port), limit_s)
    except OSError as error:
        remedy = "{host}:{port} cannot be reached ({why}): ask whether the SMSC admits this machine's address"
        yield finding("connection", False, remedy, host=account.host, port=account.port, why=type(error).__name__)
        return
    yield finding("connection", True)
    if account.tls:
        try:
            connection = secure = secured(connection, account)
        except OSError as error:
            connection.close()
            why = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else type(error).__name__
            remedy = "no TLS ({why}): correct ca_file or server_name, or the port"
            yield finding("certificate", False, remedy, why=why)
            return
        yield _certificate(secure, clock())
    with connection:
        yield from _dialogue(account, connection, limit_s)


def _certificate(connection: ssl.SSLSocket, now: datetime) -> Finding:
    shown = connection.getpeercert() or {}
    ends_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    remedy = "it ends on {ends_at:%Y-%m-%d}: ask the SMSC for its new one in time"
    return finding("certificate", ends_at - now > _SOON, remedy, ends_at=ends_at)


def _dialogue(account: SmppAccount, connection: socket.socket, limit_s: float) -> Iterator[Finding]:
    command = Command.BIND_TRANSMITTER if account.bind == "pair" else Command.BIND_TRANSCEIVER
    asks = _Asks(connection, limit_s)
    status = asks.ask(command, bind_body(account))
    if status == ALREADY_BOUND:
        remedy = (
            "all binds that the SMSC allows are in use: by our own processes, then all is well, or by somebody else"
        )
        yield finding("bind", False, remedy)
        return
    if status != OK:
        if status is None:
            remedy = "there was no answer: check system_id, password, system_type and bind with the SMSC"
            yield finding("bind", False, remedy)
        else:
            remedy = "the answer was {answer}: check system_id, password, system_type and bind with the SMSC"
            yield finding("bind", False, remedy, answer=status_of(status).name)
        return
    yield finding("bind", True)
    answered = asks.ask(Command.ENQUIRE_LINK) == OK
    yield finding("enquire_link", answered, "it was not answered: links will be taken for dead; ask the SMSC")
    asks.ask(Command.UNBIND)


class _Asks:
    """Asks one thing after another, and waits ``limit_s`` for each answer, whatever else is said meanwhile."""

    def __init__(self, connection: socket.socket, limit_s: float) -> None:
        self._connection, self._limit_s, self._reader, self._sequence = connection, limit_s, Reader(), 0

    def ask(self, command: Command, body: bytes = b"") -> int | None:
        """The status of the answer, None when there is none."""
        self._sequence += 1
        end_s = time.monotonic() + self._limit_s
        try:
            self._connection.sendall(Pdu(command, OK, self._sequence, body).written())
            while time.monotonic() < end_s and (octets := self._connection.recv(4096)):
                for pdu in self._reader.feed(octets):
                    if pdu.sequence == self._sequence and pdu.command in {command | ANSWER, Command.GENERIC_NACK}:
                        return pdu.status
        except (OSError, Garbled):
            return None
        return None
