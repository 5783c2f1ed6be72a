"""Calls to platforms over HTTP/1.1: connections are kept, and a call ends by its deadline whatever happens.

Two failures are told apart, as all that sending needs to know is whether the bytes left. (Why no library does this:
docs/engineering/decisions/0001-http-client.md.)
"""

import http.client
import io
import json
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from bots.tls import client_context
from core.sending.outbound import TryAgain, Unknown

CALL_LIMIT_S = 15.0
ANSWER_LIMIT = 64 * 1024
_IDLE_LIMIT_S = 4.0  # servers close what is idle for 5 s or longer
_CONNECT_LIMIT_S = 4.0  # for each address that the name has
_LONGEST_WAIT_S = 24 * 3600
_WAIT_DIGITS = 8  # of any length else
_PLAIN = "%/:=&?~#+!$,;'@()*[]"  # what an address may hold as it is


class NotReached(Exception):
    """No connection, so nothing was sent: ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoAnswer(Exception):
    """The request may have been carried out: ``code`` says what became of the answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TooLong(NoAnswer):
    """The answer has more bytes than were wanted."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    """By their names in lower case."""
    body: bytes

    def json(self) -> Any:
        """The body read as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def retry_after(self) -> timedelta | None:
        """How long the other side asks to be left alone, a day at most."""
        said = self.headers.get("retry-after", "")
        if not said.isdecimal() or len(said) > _WAIT_DIGITS:
            return None
        return timedelta(seconds=min(int(said), _LONGEST_WAIT_S))


class _DeadlineSocket(io.RawIOBase):
    """A socket as http.client wants one, whose every step looks at the same deadline."""

    def __init__(self, wire: socket.socket) -> None:
        self._wire, self.deadline_s, self._idle_since_s = wire, 0.0, 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._wire.settimeout(self._left_s())
        return self._wire.recv_into(buffer)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What comes in."""
        return io.BufferedReader(self)

    def sendall(self, data: bytes) -> None:
        """Write all of ``data``."""
        self._wire.settimeout(self._left_s())
        self._wire.sendall(data)

    def close(self) -> None:
        """Nothing: http.client closes what it has not read yet."""

    def rest(self) -> None:
        """Wait for the next call."""
        self._idle_since_s = time.monotonic()

    def usable(self) -> bool:
        """False when the other side has closed it, or says what nobody asked."""
        if time.monotonic() - self._idle_since_s > _IDLE_LIMIT_S:
            return False
        return not select.select([self._wire], [], [], 0)[0]

    def hang_up(self) -> None:
        """Close it."""
        self._wire.close()

    def _left_s(self) -> float:
        left_s = self.deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        return left_s


class HttpClient:
    """The way to one origin, such as "https://api.twilio.com". ``call`` may be used from many threads."""

    def __init__(self, origin: str, limit_s: float = CALL_LIMIT_S) -> None:
        parts = urlsplit(origin)
        if parts.hostname is None or parts.scheme not in {"http", "https"}:
            raise ValueError(f"{origin} is no address of a server")
        self._tls = client_context() if parts.scheme == "https" else None
        self._host, self._port = parts.hostname, parts.port or (443 if self._tls else 80)
        self._netloc = parts.netloc.rpartition("@")[2]
        self._limit_s = limit_s
        self._idle: deque[_DeadlineSocket] = deque()

    def call(
        self,
        method: str,
        target: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        limit_s: float | None = None,
        limit_bytes: int = ANSWER_LIMIT,
    ) -> HttpResponse:
        """The answer to one request. Raises NotReached or NoAnswer, within the limit; TooLong is one of those."""
        deadline_s = time.monotonic() + (self._limit_s if limit_s is None else limit_s)
        wire = self._kept() or self._opened(deadline_s)
        wire.deadline_s = deadline_s
        kept = False
        try:
            exchange = http.client.HTTPConnection(self._netloc)
            exchange.sock = wire
            exchange.request(method, target, body, {"Host": self._netloc, **headers})
            called, kept = _answer(exchange.getresponse(), limit_bytes)
        except TimeoutError:
            raise NoAnswer("timeout") from None
        except (http.client.RemoteDisconnected, ssl.SSLError):
            raise NoAnswer("connection_lost") from None
        except http.client.HTTPException:
            raise NoAnswer("garbled") from None
        except OSError:
            raise NoAnswer("connection_lost") from None
        finally:
            if kept:
                wire.rest()
                self._idle.append(wire)
            else:
                wire.hang_up()
        return called

    def close(self) -> None:
        """Hang up."""
        while self._idle:
            self._idle.pop().hang_up()

    def _kept(self) -> _DeadlineSocket | None:
        while True:
            try:
                wire = self._idle.pop()
            except IndexError:
                return None
            if wire.usable():
                return wire
            wire.hang_up()

    def _opened(self, deadline_s: float) -> _DeadlineSocket:
        try:
            patience_s = min(_CONNECT_LIMIT_S, max(deadline_s - time.monotonic(), 0.001))
            wire = socket.create_connection((self._host, self._port), patience_s)
        except OSError:
            raise NotReached("unreachable") from None
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is None:
            return _DeadlineSocket(wire)
        try:
            wire.settimeout(max(deadline_s - time.monotonic(), 0.001))
            return _DeadlineSocket(self._tls.wrap_socket(wire, server_hostname=self._host))
        except (OSError, ValueError):
            wire.close()
            raise NotReached("tls") from None


def _answer(response: http.client.HTTPResponse, limit_bytes: int) -> tuple[HttpResponse, bool]:
    """(the answer, whether the connection serves another call)."""
    content = response.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise TooLong("garbled")
    if response.length:
        raise http.client.IncompleteRead(content)
    answer = HttpResponse(response.status, {name.lower(): value for name, value in response.getheaders()}, content)
    return answer, response.isclosed() and not response.will_close


def fetch(url: str, limit_s: float, limit_bytes: int = ANSWER_LIMIT) -> HttpResponse:
    """What stands at ``url``, wherever that is. Raises NotReached or NoAnswer, or ValueError for what is no address."""
    parts = urlsplit(url)
    client = HttpClient(f"{parts.scheme}://{parts.netloc}", limit_s)
    target = quote(parts.path or "/", safe=_PLAIN) + (f"?{quote(parts.query, safe=_PLAIN)}" if parts.query else "")
    try:
        return client.call("GET", target, None, {}, limit_bytes=limit_bytes)
    finally:
        client.close()


def call_gateway(
    client: HttpClient, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
) -> HttpResponse | TryAgain | Unknown:
    """The answer to one request, or what its absence means for the text that it carried."""
    try:
        return client.call(method, target, body, headers)
    except NotReached as error:
        return TryAgain(error.code)
    except NoAnswer as error:
        return Unknown(error.code)
