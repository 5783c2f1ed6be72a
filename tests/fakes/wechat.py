"""A WeChat on loopback: the interface that we call, and the side that delivers to us. Both misbehave when told to.

Signatures and cipher are written here once more, from the platform's description and with nothing of ours or of
wechatpy's: developers.weixin.qq.com/doc/oplatform/en/Third-party_Platforms/Message_Encryption/Technical_Plan.html
"""

import base64
import hashlib
import http.client
import itertools
import json
import re
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

APP_ID, TOKEN, SECRET = "wx7f3c2e1d0b9a8877", "a token of the test", "s3cret"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TRANSFERRED = "(handed to a person)"
OURS = "gh_7f083739789a"

Misdeed = int | str
"""An errcode, or one of: ok, slow, drip, half, cut, html, 500, 429, 404, 302, or what is said instead."""


@dataclass
class Rights:
    """How many texts a player's last act allows, and until when."""

    left: int
    until: datetime


@dataclass
class Platform:
    """The interface: tokens that are checked, rights that are counted, and misdeeds that a test orders by path."""

    clock: Callable[[], datetime]
    counts_rights: bool = False
    url: str = ""
    token: str = "token-1"
    known: set[str] = field(default_factory=lambda: {"token-1"})
    sent: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    menu: list[dict[str, Any]] | None = None
    templates: dict[str, str] = field(
        default_factory=lambda: {"template-1": "{{first.DATA}}\n物品：{{keyword1.DATA}}\n"}
    )
    """The content of each template, by its id."""
    notices: dict[str, str] = field(default_factory=lambda: {"notice-1": "物品:{{thing1.DATA}}\n"})
    people: int = 1
    quota: dict[str, int] = field(default_factory=lambda: {"daily_limit": 500_000, "used": 12, "remain": 499_988})
    pictures: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, bytes | str] = field(default_factory=dict)
    """By media_id: what players sent, or for a video the address where it is."""
    expires_in: int = 7200
    wakes: threading.Event = field(default_factory=threading.Event)
    _rights: dict[str, Rights] = field(default_factory=dict)
    _misdeeds: dict[str, deque[Misdeed]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(2))

    def spoke(self, user: str) -> None:
        """The player wrote: 5 texts in 48 hours."""
        self._rights[user] = Rights(5, self.clock() + timedelta(hours=48))

    def tapped(self, user: str) -> None:
        """The player followed, scanned or tapped: 3 texts in a minute."""
        self._rights[user] = Rights(3, self.clock() + timedelta(minutes=1))

    def misbehave(self, path: str, *how: Misdeed) -> None:
        """Answer the next calls of ``path`` (its end is enough) like this, one after another."""
        self._misdeeds[path] = deque(how)

    def end_token(self, *, given_out_still: bool = False) -> None:
        """Take no call with the token that was given out; the platform may not have noticed itself."""
        with self._lock:
            self.known.discard(self.token)
            if not given_out_still:
                self._new_token()

    def texts(self, user: str) -> list[str]:
        """The words that reached ``user``, as they read."""
        return [_words(one) for one in self.sent if one["touser"] == user]

    def _new_token(self) -> None:
        self.token = f"token-{next(self._numbers)}"
        self.known.add(self.token)

    def misdeed(self, path: str) -> Misdeed | None:
        with self._lock:
            for end, how in self._misdeeds.items():
                if path.endswith(end) and how:
                    return how.popleft()
        return None

    def answer(self, path: str, query: dict[str, str], body: bytes) -> dict[str, Any]:
        with self._lock:
            if path == "/cgi-bin/stable_token":
                return self._stable_token(json.loads(body))
            if query.get("access_token") not in self.known:
                return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
            acts = {
                "/cgi-bin/message/custom/send": self._custom,
                "/cgi-bin/message/template/send": self._template,
                "/cgi-bin/message/subscribe/bizsend": self._template,
                "/cgi-bin/qrcode/create": self._ticket,
                "/cgi-bin/menu/create": self._menu,
                "/cgi-bin/menu/delete": self._menu,
                "/cgi-bin/media/upload": self._upload,
                "/cgi-bin/template/get_all_private_template": self._templates,
                "/wxaapi/newtmpl/gettemplate": self._notices,
                "/cgi-bin/openapi/quota/get": self._quota,
                "/cgi-bin/customservice/getkflist": self._people,
            }
            if path == "/cgi-bin/media/get":
                address = self.media.get(query["media_id"])
                return (
                    {"video_url": address}
                    if isinstance(address, str)
                    else {"errcode": 40007, "errmsg": "invalid media_id"}
                )
            if path not in acts:
                return {"errcode": 40066, "errmsg": "invalid url"}
            if not path.endswith("upload") and b"\\u" in body:
                return {"errcode": 47001, "errmsg": "escapes are shown as they are"}
            return acts[path](body if path.endswith("upload") else json.loads(body or b"{}"))

    def handed_out(self, path: str, query: dict[str, str]) -> bytes | None:
        """What a player sent, to whoever may have it."""
        content = self.media.get(query.get("media_id", "")) if query.get("access_token") in self.known else None
        return content if isinstance(content, bytes) and path == "/cgi-bin/media/get" else None

    def _stable_token(self, asked: dict[str, Any]) -> dict[str, Any]:
        if (asked["appid"], asked["secret"]) != (APP_ID, SECRET):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        if asked.get("force_refresh"):
            self.known.discard(self.token)
            self._new_token()
        return {"access_token": self.token, "expires_in": self.expires_in}

    def _custom(self, sent: dict[str, Any]) -> dict[str, Any]:
        if len(_words(sent).encode()) > 2048:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if sent["touser"] == "nobody":
            return {"errcode": 40003, "errmsg": "invalid openid"}
        if self.counts_rights:
            rights = self._rights.get(sent["touser"])
            if rights is None or self.clock() >= rights.until:
                return {"errcode": 45015, "errmsg": "response out of time limit or subscription is canceled"}
            if rights.left == 0:
                return {"errcode": 45047, "errmsg": "out of response count limit"}
            rights.left -= 1
        self.sent.append(sent)
        return {"errcode": 0, "errmsg": "ok"}

    def _template(self, sent: dict[str, Any]) -> dict[str, Any]:
        again = [
            one for one in self.sent if sent.get("client_msg_id") and one.get("client_msg_id") == sent["client_msg_id"]
        ]
        if not again:
            self.sent.append(sent)
        return {"errcode": 0, "errmsg": "ok", "msgid": 200228332}

    def _ticket(self, sent: dict[str, Any]) -> dict[str, Any]:
        self.tickets.append(sent)
        scene = sent["action_info"]["scene"]["scene_str"]
        return {"ticket": f"ticket/{scene}==", "expire_seconds": 60, "url": f"http://weixin.qq.com/q/{scene}"}

    def _upload(self, form: bytes) -> dict[str, Any]:
        self.uploads.append(form)
        return {"type": "image", "media_id": f"media-{len(self.uploads)}", "created_at": 123456789}

    def _templates(self, _: dict[str, Any]) -> dict[str, Any]:
        listed = [{"template_id": name, "title": "t", "content": content} for name, content in self.templates.items()]
        return {"template_list": listed}

    def _notices(self, _: dict[str, Any]) -> dict[str, Any]:
        listed = [{"priTmplId": name, "content": content, "type": 2} for name, content in self.notices.items()]
        return {"errcode": 0, "errmsg": "ok", "data": listed}

    def _quota(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not asked["cgi_path"].startswith("/cgi-bin/message/"):
            return {"errcode": 76021, "errmsg": "cgi_path not found, please check"}
        return {"errcode": 0, "errmsg": "ok", "quota": self.quota}

    def _people(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"kf_list": [{"kf_account": f"{number}@gh", "kf_nick": "n"} for number in range(self.people)]}

    def _menu(self, sent: dict[str, Any]) -> dict[str, Any]:
        self.menu = sent.get("button")
        return {"errcode": 0, "errmsg": "ok"}


def _words(sent: dict[str, Any]) -> str:
    kind = sent.get("msgtype")
    if kind == "text":
        return str(sent["text"]["content"])
    if kind == "msgmenu":
        return "\n".join([sent["msgmenu"]["head_content"], *(f"[{one['content']}]" for one in sent["msgmenu"]["list"])])
    if kind == "image":
        return f"picture {sent['image']['media_id']}"
    return " ".join(str(value["value"]) for value in sent["data"].values())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    platform: Platform

    def log_message(self, *_: object) -> None:
        pass

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.platform.clock(), usegmt=True)

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        platform, split = self.platform, urlsplit(self.path)
        platform.calls.append(split.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        misdeed = platform.misdeed(split.path)
        if isinstance(misdeed, int):
            return self._say(200, json.dumps({"errcode": misdeed, "errmsg": "as ordered"}).encode())
        if misdeed in {"500", "429", "404", "302"}:
            return self._say(int(misdeed), b"no")
        content = platform.pictures.get(split.path) or platform.handed_out(split.path, query)
        if content is not None and misdeed in {None, "half"}:
            self.close_connection = misdeed == "half"
            return self._say(200, content[: len(content) // 2] if misdeed else content, len(content), "image/jpeg")
        answer = json.dumps(platform.answer(split.path, query, body)).encode()
        if misdeed == "slow":
            platform.wakes.wait(120)
        if misdeed in {"drip", "cut", "half"}:
            return self._lose(answer, misdeed)
        if misdeed and misdeed.startswith(("{", "[")):
            return self._say(200, misdeed.encode())
        return self._say(200, b"<html>a proxy</html>" if misdeed == "html" else answer)

    def _lose(self, answer: bytes, how: str) -> None:
        """What was asked is done, and its answer does not arrive."""
        self.close_connection = True
        if how == "cut":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif how == "half":
            self._say(200, answer[: len(answer) // 2], len(answer))
        else:  # a byte now and then, as if there were no end
            self._say(200, b"{", 100_000)
            while not self.platform.wakes.wait(0.01):
                self.wfile.write(b" ")

    def _say(self, status: int, body: bytes, length: int | None = None, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """Whoever hangs up while we speak is what a test is about."""


@contextmanager
def running(clock: Callable[[], datetime], **settings: Any) -> Iterator[Platform]:
    """A platform that listens on loopback."""
    platform = Platform(clock, **settings)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"platform": platform}))
    platform.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield platform
    finally:
        platform.wakes.set()
        server.shutdown()
        server.server_close()
        thread.join(60)


# The delivering side.


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def _cipher(aes_key: str) -> Cipher[CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(AES(key), CBC(key[:16]))


def encrypt(document: bytes, app_id: str = APP_ID, aes_key: str = AES_KEY, prefix: bytes = b"0123456789abcdef") -> str:
    plain = prefix + struct.pack(">I", len(document)) + document + app_id.encode()
    pad = 32 - len(plain) % 32
    encryptor = _cipher(aes_key).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()).decode()


def decrypt(ciphertext: str, app_id: str = APP_ID, aes_key: str = AES_KEY) -> bytes:
    decryptor = _cipher(aes_key).decryptor()
    plain = decryptor.update(base64.b64decode(ciphertext)) + decryptor.finalize()
    plain = plain[: -plain[-1]]
    (length,) = struct.unpack(">I", plain[16:20])
    assert plain[20 + length :] == app_id.encode()
    return plain[20 : 20 + length]


def message(user: str, kind: str, id: str | None = None, at: int = 1348831860, **fields: str) -> str:
    """A message of ``kind``; ``id`` is its MsgId, which events have none of."""
    given = {"ToUserName": OURS, "FromUserName": user, "MsgType": kind, **fields}
    quoted = [f"<{name}><![CDATA[{value}]]></{name}>" for name, value in given.items()]
    numbers = [f"<CreateTime>{at}</CreateTime>"] + ([f"<MsgId>{id}</MsgId>"] if id else [])
    return f"<xml>{''.join(quoted + numbers)}</xml>"


def text(user: str, words: str, id: str = "1", **fields: str) -> str:
    return message(user, "text", id, Content=words, **fields)


def event(user: str, name: str, key: str = "", at: int = 1348831860) -> str:
    return message(user, "event", at=at, Event=name, **({"EventKey": key} if key else {}))


@dataclass(frozen=True)
class Request:
    """One signed request: what stands behind the question mark, and the body."""

    query: dict[str, str]
    body: bytes

    @property
    def target(self) -> str:
        return "?" + urlencode(self.query)


@dataclass(frozen=True)
class Heard:
    """What came back: of the last try, and how many there were."""

    status: int
    tries: int
    body: bytes
    words: str | None
    """The text of a passive reply; None for none."""


@dataclass
class Delivering:
    """Delivers to one address as the platform does: signed, again when no answer comes, three times in all."""

    clock: Callable[[], datetime]
    url: str = ""
    safe: bool = True
    patience_s: float = 5.0
    token: str = TOKEN
    app_id: str = APP_ID
    aes_key: str = AES_KEY
    tries: int = 3
    _nonces: Iterator[int] = field(default_factory=lambda: itertools.count(1372623149))

    def signed(self, document: str | bytes, **other: str) -> Request:
        """``document`` as it is delivered; ``other`` fields of the query are set as a test wants them."""
        body = document.encode() if isinstance(document, str) else document
        timestamp, nonce = str(int(self.clock().timestamp())), str(next(self._nonces))
        query = {"signature": sign(self.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
        if self.safe:
            ciphertext = encrypt(body, self.app_id, self.aes_key, hashlib.sha256(nonce.encode()).digest()[:16])
            query |= {"encrypt_type": "aes", "msg_signature": sign(self.token, timestamp, nonce, ciphertext)}
            ours = f"<ToUserName><![CDATA[{OURS}]]></ToUserName>"
            body = f"<xml>{ours}<Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>".encode()
        return Request({**query, **other}, body)

    def greeting(self, echo: str = "5838471", **other: str) -> Request:
        timestamp, nonce = str(int(self.clock().timestamp())), str(next(self._nonces))
        query = {
            "signature": sign(self.token, timestamp, nonce),
            "echostr": echo,
            "timestamp": timestamp,
            "nonce": nonce,
        }
        return Request({**query, **other}, b"")

    def words(self, body: bytes) -> str | None:
        """What a passive reply says, once its signature and its addressees are found right."""
        if body in {b"", b"success"}:
            return None
        document = body.decode()
        if self.safe:
            fields = dict(re.findall(r"<(\w+)>(?:<!\[CDATA\[)?([^<\]]*)(?:\]\]>)?</\1>", document))
            signed = sign(self.token, fields["TimeStamp"], fields["Nonce"], fields["Encrypt"])
            assert signed == fields["MsgSignature"]
            document = decrypt(fields["Encrypt"], self.app_id, self.aes_key).decode()
        if "<![CDATA[transfer_customer_service]]>" in document:
            return TRANSFERRED
        content = document[document.index("<Content>") + 9 : document.index("</Content>")]
        return "".join(re.findall(r"<!\[CDATA\[(.*?)\]\]>", content, re.DOTALL))

    def deliver(self, document: str) -> Heard:
        """Deliver over HTTP; what is not answered in time, or with a refusal, is delivered again."""
        split = urlsplit(self.url)
        status, body, tried = 0, b"", 0
        for tried in range(1, self.tries + 1):
            sent = self.signed(document)
            connection = http.client.HTTPConnection(split.hostname or "", split.port, timeout=self.patience_s)
            began = time.monotonic()
            try:
                connection.request("POST", split.path + sent.target, sent.body, {"Content-Type": "text/xml"})
                response = connection.getresponse()
                status, body = response.status, response.read()
            except OSError:
                status, body = 0, b""
            finally:
                connection.close()
            if status == 200 and time.monotonic() - began < self.patience_s:
                return Heard(status, tried, body, self.words(body))
        return Heard(status, tried, body, None)
