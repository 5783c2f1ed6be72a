"""The socket of one link, with TLS where the account has it; SMPP itself encrypts nothing.

One thread reads and writes, others wake it, for TLS sockets bear no second thread.
"""

import selectors
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

from bots.sms.smpp.account import SmppAccount
from bots.tls import client_context

_READ = 64 * 1024
_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class LinkLost(Exception):
    """The session is over; the text is a code that says why."""


def connect(account: SmppAccount, limit_s: float) -> socket.socket:
    """An open connection. Raises OSError, of which ssl.SSLError is one, when there is none within ``limit_s``."""
    plain = socket.create_connection((account.host, account.port), limit_s)
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if not account.tls:
            return plain
        return secured(plain, account)
    except BaseException:
        plain.close()
        raise


def secured(plain: socket.socket, account: SmppAccount) -> ssl.SSLSocket:
    """``plain`` with TLS over it, the certificate checked. Raises ssl.SSLError or OSError."""
    context = client_context(account.ca_file)
    return context.wrap_socket(plain, server_hostname=account.server_name or account.host)


class Connection:
    """An open connection, which this closes at the end of its ``with``. What others may call says so."""

    def __init__(self, opened: socket.socket, running_s: Callable[[], float]) -> None:
        self._socket, self._running_s = opened, running_s
        self._waker, self._woken = socket.socketpair()
        for end in (opened, self._waker, self._woken):
            end.setblocking(False)
        self._lock, self._is_woken = threading.Lock(), False
        self._thread = threading.get_ident()
        self._rest = memoryview(b"")
        self._wrote_at_s = running_s()

    def __enter__(self) -> Self:
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._selector.register(self._socket, selectors.EVENT_READ)
        return self

    def __exit__(self, *_error: object) -> None:
        self._selector.close()
        for end in (self._socket, self._waker, self._woken):
            end.close()

    def wake(self) -> None:
        """Let :meth:`wait` return: there is something to write. From any thread."""
        if threading.get_ident() == self._thread:
            return
        with self._lock:
            if self._is_woken:
                return
            self._is_woken = True
        with suppress(OSError):  # it is over already
            self._waker.send(b"!")

    def wait(self, limit_s: float) -> bool:
        """Wait until there is something to read, to write or ``limit_s`` are over; True when it is to read."""
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self._rest else 0)
        if self._selector.get_key(self._socket).events != wanted:
            self._selector.modify(self._socket, wanted)
        readable = False
        for key, mask in self._selector.select(limit_s):
            if key.fileobj is self._socket:
                readable = bool(mask & selectors.EVENT_READ)
                continue
            with self._lock:
                self._is_woken = False
                with suppress(*_LATER):
                    self._woken.recv(64)
        return readable

    def read(self) -> Iterator[bytes]:
        """What has come. Raises LinkLost when the other side has closed, or OSError."""
        while True:
            try:
                octets = self._socket.recv(_READ)
            except _LATER:
                return
            if not octets:
                raise LinkLost("closed")
            yield octets
            if not isinstance(self._socket, ssl.SSLSocket) or not self._socket.pending():
                return

    def write(self, more: Callable[[], bytes]) -> None:
        """Write what is left of the last time, and ``more`` until there is none or no room. Raises OSError."""
        while True:
            if not self._rest:
                self._rest, self._wrote_at_s = memoryview(more()), self._running_s()
                if not self._rest:
                    return
            try:
                sent = self._socket.send(self._rest)
            except _LATER:
                return
            self._rest, self._wrote_at_s = self._rest[sent:], self._running_s()

    @property
    def stuck_s(self) -> float:
        """How long the other side has taken nothing of what was to be written."""
        return self._running_s() - self._wrote_at_s if self._rest else 0.0
