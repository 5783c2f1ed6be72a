"""Kannel's smsbox, Twilio's API and an aggregator as loopback servers that misbehave when they are told to.

Written from the documents and without any code of the product. Each knows how to call us, too.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import socketserver
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlencode, urlsplit


@dataclass
class Call:
    """One request that the server got."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Outgoing:
    """One request to us, as the platform would make it."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


P = TypeVar("P", bound="Platform")
Act = Reply | Callable[["_Handler"], None]


def drop(handler: "_Handler") -> None:
    """Hang up without a word."""


def half(handler: "_Handler") -> None:
    """An answer that ends before it should."""
    handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"sid":"SM')


def garbage(handler: "_Handler") -> None:
    """What is no HTTP."""
    handler.wfile.write(b"\x00\x01\xff\xfe hello \r\n\r\n")


def endless(handler: "_Handler") -> None:
    """A body that is too long for anybody."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 200_000)


def silent(handler: "_Handler") -> None:
    """Nothing, until the server stops."""
    handler.server.stopping.wait(120)


def dripping(handler: "_Handler") -> None:
    """A header that never ends, a byte at a time."""
    with contextlib.suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not handler.server.stopping.wait(0.05):
            handler.wfile.write(b"x")
            handler.wfile.flush()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, platform: "Platform") -> None:
        self.platform, self.stopping = platform, threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer asks for our name, which needs a network
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Peers hang up, and that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        call = Call(self.command, parts.path, query, headers, body)
        act = self.server.platform.next_act(call)
        if not isinstance(act, Reply):
            self.close_connection = True
            act(self)
            return
        self.send_response(act.status)
        for name, value in {"Content-Length": str(len(act.body)), **act.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(act.body)

    def log_message(self, *_: Any) -> None:
        """Tests look at ``calls``."""


class Platform:
    """A loopback server; ``acts`` are what it does next instead of answering properly, oldest first."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.acts: deque[Act] = deque()
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)

    def next_act(self, call: Call) -> Act:
        with self._lock:
            self.calls.append(call)
            return self.acts.popleft() if self.acts else self.properly(call)

    def properly(self, call: Call) -> Reply:
        raise NotImplementedError


class Kannel(Platform):
    """sendsms of a smsbox; ``taken`` are the texts that it took."""

    username, password = "huoju", "open sesame"

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[dict[str, str]] = []

    def properly(self, call: Call) -> Reply:
        asked = call.query
        if call.path != "/cgi-bin/sendsms":
            return Reply(404, b"Unknown request.\n")
        if (asked.get("username"), asked.get("password")) != (self.username, self.password):
            return Reply(403, b"Authorization failed for sendsms")
        if not asked.get("to"):
            return Reply(400, b"Missing receiver number, rejected")
        if not asked.get("from"):
            return Reply(400, b"Sender missing and no global set, rejected")
        if asked.get("coding", "0") not in {"0", "1", "2"}:
            return Reply(400, b"Coding field misformed, rejected")
        self.taken.append(asked)
        return Reply(202, b"0: Accepted for delivery")

    def receipt(self, number: int, kind: int, reason: str = "") -> Outgoing:
        """What Kannel calls when the text number ``number`` came to its end."""
        url = urlsplit(self.taken[number]["dlr-url"])
        target = f"{url.path}?{url.query}".replace("%d", str(kind)).replace("%A", quote(reason, safe=""))
        return Outgoing("GET", target)

    @staticmethod
    def message(
        name: str, secret: str, text: str | bytes, sender: str = "+8613800138000", id: str | None = None, **other: str
    ) -> Outgoing:
        """What get-url makes of one message."""
        octets = text.encode() if isinstance(text, str) else text
        parameters = {
            "secret": secret,
            "id": id or str(uuid.uuid4()),
            "from": sender,
            "to": "10690000",
            "charset": "UTF-8",
            "coding": "0",
            "time": "1796097600",
            **other,
        }
        query = "&".join(f"{key}={quote(value, safe='')}" for key, value in parameters.items())
        return Outgoing("GET", f"/sms/{name}?{query}&text={quote(octets, safe='')}")


class Twilio(Platform):
    """The Messages resource; ``taken`` are the texts that it took."""

    sid, token = "AC" + "0a" * 16, "a token of thirty-two characters"

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[dict[str, str]] = []
        self.media: dict[str, bytes] = {}

    def media_url(self, name: str) -> str:
        """What it calls the address of something that came by MMS."""
        return f"{self.url}/2010-04-01/Accounts/{self.sid}/Messages/MM1/Media/{name}"

    def properly(self, call: Call) -> Reply:
        pair = "Basic " + base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        media = self._handed_out(call.path)
        if call.headers.get("authorization") != pair:
            return media if media and media.status == 200 else self.error(401, 20003)
        if call.path == f"/2010-04-01/Accounts/{self.sid}.json":
            return Reply(200, b'{"status":"active"}', {"Content-Type": "application/json"})
        if call.path != f"/2010-04-01/Accounts/{self.sid}/Messages.json" or call.method != "POST":
            return media or self.error(404, 20404)
        form = call.form
        if "To" not in form or "Body" not in form or not ({"From", "MessagingServiceSid"} & set(form)):
            return self.error(400, 21604)
        if len(form["Body"]) > 1600:
            return self.error(400, 21617)
        self.taken.append(form)
        answer = {"sid": f"SM{len(self.taken):032x}", "status": "queued", "error_code": None, "num_segments": "1"}
        return Reply(201, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _handed_out(self, path: str) -> Reply | None:
        """What came by MMS: it is elsewhere, and there for everybody."""
        name = path.rpartition("/")[2]
        if name not in self.media:
            return None
        if path.startswith("/cdn/"):
            return Reply(200, self.media[name], {"Content-Type": "image/jpeg"})
        return Reply(307, b"", {"Location": f"{self.url.replace('127.0.0.1', 'localhost')}/cdn/{name}"})

    @staticmethod
    def error(status: int, code: int, **headers: str) -> Reply:
        told = {"code": code, "message": "told at length", "status": status}
        return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json", **headers})

    def signed(self, origin: str, target: str, fields: dict[str, str], token: str | None = None) -> Outgoing:
        """A form that is signed for the address ``origin`` + ``target``."""
        text = origin + target + "".join(name + fields[name] for name in sorted(fields))
        digest = hmac.new((token or self.token).encode(), text.encode(), hashlib.sha1).digest()
        headers = {
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        }
        return Outgoing("POST", target, headers, urlencode(fields).encode())

    def message(
        self, origin: str, name: str, text: str, id: str, sender: str = "+14158675309", **other: str
    ) -> Outgoing:
        fields = {
            "ToCountry": "US",
            "MessageSid": id,
            "SmsMessageSid": id,
            "SmsStatus": "received",
            "AccountSid": self.sid,
            "From": sender,
            "To": "+14155551234",
            "Body": text,
            "NumMedia": "0",
            "NumSegments": "1",
            "ApiVersion": "2010-04-01",
            **other,
        }
        return self.signed(origin, f"/sms/{name}", fields)

    def status(self, number: int, state: str, **other: str) -> Outgoing:
        """What Twilio calls when the text number ``number`` changed its state."""
        url = urlsplit(self.taken[number]["StatusCallback"])
        fields = {
            "MessageSid": f"SM{number + 1:032x}",
            "SmsSid": f"SM{number + 1:032x}",
            "MessageStatus": state,
            "SmsStatus": state,
            "AccountSid": self.sid,
            "To": self.taken[number]["To"],
            **other,
        }
        return self.signed(f"{url.scheme}://{url.netloc}", f"{url.path}?{url.query}", fields)


class Aggregator(Platform):
    """A Chinese aggregator: JSON both ways, HMAC-SHA256 in hex over the body of what it says."""

    secret, key = "what it signs with", "what we show"

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[dict[str, Any]] = []

    def properly(self, call: Call) -> Reply:
        if call.headers.get("authorization") != f"Bearer {self.key}":
            return self.says("AUTH_FAILED")
        told = call.json
        if not str(told["mobile"]).isdigit():
            return self.says("MOBILE_ILLEGAL")
        self.taken.append(told)
        return self.says("OK", data={"msgid": f"m-{len(self.taken)}"})

    @staticmethod
    def says(code: str, status: int = 200, **other: Any) -> Reply:
        told = {"code": code, "message": "…", **other}
        return Reply(status, json.dumps(told, ensure_ascii=False).encode(), {"Content-Type": "application/json"})

    @classmethod
    def push(cls, target: str, told: Any, secret: str | None = None) -> Outgoing:
        """Something said to us, signed."""
        body = json.dumps(told, ensure_ascii=False).encode()
        digest = hmac.new((secret or cls.secret).encode(), body, hashlib.sha256).hexdigest()
        return Outgoing("POST", target, {"X-Signature": digest, "Content-Type": "application/json"}, body)

    def messages(self, name: str, *said: Sequence[str]) -> Outgoing:
        """(number, id, text) of several messages, in one push."""
        told = [
            {
                "phone_number": number,
                "send_time": "20261201120000",
                "content": text,
                "sign_name": "火炬",
                "dest_code": "1069",
                "sequence_id": int(sequence),
            }
            for number, sequence, text in said
        ]
        return self.push(f"/sms/{name}", told)


@contextmanager
def running(kind: type[P]) -> Iterator[P]:
    platform = kind()
    try:
        yield platform
    finally:
        platform.close()
