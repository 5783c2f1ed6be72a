"""A Bot API on loopback with the state of each bot, which misbehaves on demand (core.telegram.org/bots/api)."""

import json
import re
import socket
import struct
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from werkzeug.formparser import parse_form_data

TOKEN = "123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11"
SECRET = "correct-horse_battery-staple"
USERNAME = "HuojuBot"

Reach = Callable[[str, bytes, Mapping[str, str]], int]
"""Posts (url, body, headers) to a webhook and gives the status."""
Params = dict[str, Any]
UNITS = 2  # bytes of a unit of UTF-16


@dataclass(frozen=True)
class Says:
    """Answers so, and does nothing."""

    status: int
    body: bytes

    @classmethod
    def error(cls, status: int, description: str, **parameters: Any) -> "Says":
        body: Params = {"ok": False, "error_code": status, "description": description}
        return cls(status, json.dumps(body | ({"parameters": parameters} if parameters else {})).encode())

    @classmethod
    def flood(cls, seconds: float) -> "Says":
        return cls.error(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


@dataclass(frozen=True)
class Cut:
    """Resets the connection, before or after doing what it was asked."""

    acts: bool


@dataclass(frozen=True)
class Half:
    """Does it, and answers with half of the bytes that it announced."""


@dataclass(frozen=True)
class Garbled:
    """Does it, and answers with a status and other bytes."""

    status: int
    body: bytes = b"<html>oops"


@dataclass(frozen=True)
class Slow:
    """Does it, and answers once ``until`` is set."""

    until: threading.Event = field(default_factory=threading.Event)


Trouble = Says | Cut | Half | Garbled | Slow


class Refusal(Exception):
    """An error of the API."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.says = Says.error(status, description, **parameters)


@dataclass
class Bot:
    """What Telegram knows of one bot."""

    token: str
    id: int
    username: str = USERNAME
    changed: threading.Condition = field(default_factory=threading.Condition)
    calls: list[tuple[str, Params]] = field(default_factory=list)
    sent: list[Params] = field(default_factory=list)
    updates: list[Params] = field(default_factory=list)
    garbled: dict[int, bytes] = field(default_factory=dict)
    """By number of an update: the bytes that are handed out in its place."""
    webhook: Params = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Params]] = field(default_factory=dict)
    refusing: dict[int, str] = field(default_factory=dict)
    """By chat: the description of the 403 or 400 that it answers with."""
    topics: dict[int, set[int]] = field(default_factory=dict)
    """By forum: the topics that may be written in; each one but the general one has a number."""
    closed: set[int] = field(default_factory=set)
    """Topics that are there and closed."""
    migrated: dict[int, int] = field(default_factory=dict)
    """By group: the supergroup that it has become."""
    longest: int = 4096
    keeps_open: bool = True
    """A request for updates, while there are none."""
    files: dict[str, bytes] = field(default_factory=dict)
    """By file_id: what players sent."""
    fetches_pictures: bool = True
    takes_pictures: bool = True
    troubles: dict[str, deque[Trouble]] = field(default_factory=lambda: defaultdict(deque))
    fetching: int = 0
    failed: Params = field(default_factory=dict)

    def trouble(self, method: str, *troubles: Trouble) -> None:
        """The next calls of ``method`` go so."""
        self.troubles[method].extend(troubles)

    def called(self, method: str) -> list[Params]:
        return [params for name, params in self.calls if name == method]

    def texts(self) -> list[str]:
        return [one.get("text") or one.get("caption") or "" for one in self.sent]

    def post(self, *updates: Params) -> None:
        """Keep ``updates`` until they are fetched."""
        with self.changed:
            self.updates.extend(updates)
            self.changed.notify_all()

    def deliver(self, updates: Iterable[Params], reach: Reach, *, copies: int = 1, tries: int = 5) -> list[int]:
        """Deliver ``updates`` in their order to the webhook, each until it is taken; all statuses that came back."""
        headers = {"Content-Type": "application/json"}
        if secret := self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        statuses = []
        for update in updates:
            for _ in range(copies):
                for _ in range(tries):
                    status = reach(self.webhook["url"], json.dumps(update).encode(), headers)
                    statuses.append(status)
                    if status < 300:
                        break
                    self.failed = {"last_error_date": 1796097600, "last_error_message": f"Wrong response: {status}"}
        return statuses


class _Methods:
    """What each method does to a bot."""

    def get_me(self, bot: Bot, params: Params) -> Any:
        return {"id": bot.id, "is_bot": True, "first_name": "Huoju", "username": bot.username}

    def get_file(self, bot: Bot, params: Params) -> Any:
        _check(params["file_id"] in bot.files, "wrong file_id or the file is temporarily unavailable")
        return {"file_id": params["file_id"], "file_unique_id": "u", "file_path": f"documents/{params['file_id']}"}

    def send_message(self, bot: Bot, params: Params) -> Any:
        text = params.get("text", "")
        _check(text.strip(), "message text is empty")
        _check(_units(text) <= bot.longest, "message is too long")
        return _sent(bot, params, {"text": text})

    def send_photo(self, bot: Bot, params: Params) -> Any:
        _check(_units(params.get("caption", "")) <= 1024, "message caption is too long")
        if isinstance(params["photo"], bytes):
            _check(bot.takes_pictures, "IMAGE_PROCESS_FAILED")
        else:
            _check(bot.fetches_pictures, "wrong file identifier/HTTP URL specified")
        return _sent(bot, params, {"photo": [], "caption": params.get("caption", "")})

    def answer_callback_query(self, bot: Bot, params: Params) -> Any:
        return True

    def edit_message_reply_markup(self, bot: Bot, params: Params) -> Any:
        return True

    def set_my_commands(self, bot: Bot, params: Params) -> Any:
        scope = json.loads(params.get("scope") or '{"type": "default"}')
        if chat := scope.get("chat_id"):
            _check(int(chat) not in bot.refusing, "chat not found")
        where = str(scope.get("chat_id", scope["type"]))
        bot.commands[where, params.get("language_code", "")] = json.loads(params["commands"])
        return True

    def delete_my_commands(self, bot: Bot, params: Params) -> Any:
        scope = json.loads(params.get("scope") or '{"type": "default"}')
        bot.commands.pop((str(scope.get("chat_id", scope["type"])), params.get("language_code", "")), None)
        return True

    def set_webhook(self, bot: Bot, params: Params) -> Any:
        _check(params["url"].startswith("https://"), "bad webhook: An HTTPS URL must be provided for webhook")
        bot.webhook = {**params, "allowed_updates": json.loads(params.get("allowed_updates", "[]"))}
        return True

    def delete_webhook(self, bot: Bot, params: Params) -> Any:
        bot.webhook = {}
        return True

    def get_webhook_info(self, bot: Bot, params: Params) -> Any:
        known = {name: bot.webhook[name] for name in ("allowed_updates", "max_connections") if name in bot.webhook}
        count = len(bot.updates)
        info = {"url": bot.webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": count}
        return info | known | bot.failed

    def get_updates(self, bot: Bot, params: Params) -> Any:
        if bot.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        with bot.changed:
            bot.fetching += 1
            mine = bot.fetching
            bot.changed.notify_all()
            if offset := int(params.get("offset") or 0):
                bot.updates = [update for update in bot.updates if update["update_id"] >= offset]
            patience_s = float(params.get("timeout") or 0) if bot.keeps_open else 0
            bot.changed.wait_for(lambda: bot.updates or bot.fetching != mine, patience_s)
            if bot.fetching != mine:
                raise Refusal(409, "Conflict: terminated by other getUpdates request")
            return bot.updates[: int(params.get("limit") or 100)]


def _sent(bot: Bot, params: Params, shown: Params) -> Params:
    chat = int(params["chat_id"])
    if description := bot.refusing.get(chat):
        raise Refusal(403 if description.startswith("Forbidden") else 400, description)
    if new := bot.migrated.get(chat):
        raise Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=new)
    if topic := int(params.get("message_thread_id") or 0):
        _check(topic not in bot.closed, "TOPIC_CLOSED")
        _check(topic in bot.topics.get(chat, ()), "message thread not found")
    markup = json.loads(params["reply_markup"]) if "reply_markup" in params else None
    for button in (button for row in (markup or {}).get("inline_keyboard", []) for button in row):
        _check(1 <= len(button["callback_data"].encode()) <= 64, "BUTTON_DATA_INVALID")
    bot.sent.append({**params, "chat_id": chat, "reply_markup": markup, "message_id": len(bot.sent) + 1})
    return {"message_id": len(bot.sent), "date": 1796097600, "chat": {"id": chat, "type": "private"}, **shown}


def _written(bot: Bot, result: Any) -> bytes:
    if not isinstance(result, list):
        return json.dumps(result).encode()
    return b"[" + b", ".join(bot.garbled.get(each["update_id"]) or json.dumps(each).encode() for each in result) + b"]"


def _check(well: object, description: str) -> None:
    if not well:
        raise Refusal(400, f"Bad Request: {description}")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // UNITS


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second would wait 40 ms for an acknowledgement
    server: "FakeTelegram"

    def handle(self) -> None:
        self.server.open.add(self)
        try:
            super().handle()
        finally:
            self.server.open.discard(self)

    def do_POST(self) -> None:
        params = self._params()
        token, _, method = self.path.partition("?")[0].removeprefix("/bot").rpartition("/")
        bot = self.server.bots.get(token)
        if bot is None:
            self._answer(Says.error(401, "Unauthorized"))
            return
        with bot.changed:
            bot.calls.append((method, params))
            trouble = bot.troubles[method].popleft() if bot.troubles[method] else None
        self._go(trouble, lambda: self._act(bot, method, params))

    def do_GET(self) -> None:
        if not self.path.startswith("/file/bot"):
            self.do_POST()
            return
        token, _, path = self.path.removeprefix("/file/bot").partition("/")
        bot = self.server.bots[token]
        content = bot.files.get(path.removeprefix("documents/"))
        trouble = bot.troubles["file"].popleft() if bot.troubles["file"] else None
        self._go(trouble, lambda: Says(404, b"") if content is None else Says(200, content))

    def _go(self, trouble: Trouble | None, act: Callable[[], Says]) -> None:
        match trouble:
            case None:
                self._answer(act())
            case Says():
                self._answer(trouble)
            case Cut(acts=acts):
                if acts:
                    act()
                self._reset()
            case Half():
                self._answer(act(), half=True)
            case Garbled(status=status, body=body):
                act()
                self._answer(Says(status, body))
            case Slow(until=until):
                says = act()
                until.wait(60)
                self._answer(says)

    def _act(self, bot: Bot, method: str, params: Params) -> Says:
        act = getattr(_Methods(), re.sub(r"[A-Z]", lambda upper: "_" + upper[0].lower(), method), None)
        if act is None:
            return Says.error(404, "Not Found")
        try:
            return Says(200, b'{"ok": true, "result": ' + _written(bot, act(bot, params)) + b"}")
        except Refusal as refusal:
            return refusal.says

    def _params(self) -> Params:
        length = int(self.headers.get("Content-Length") or 0)
        environ = {
            "wsgi.input": BytesIO(self.rfile.read(length)),
            "CONTENT_LENGTH": str(length),
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "REQUEST_METHOD": "POST",
        }
        stream, form, files = parse_form_data(environ)
        sent = json.loads(stream.read() or b"{}") if "json" in environ["CONTENT_TYPE"] else form.to_dict()
        for name, file in files.items():
            sent[name] = file.read()
            file.close()
        return sent

    def _answer(self, says: Says, *, half: bool = False) -> None:
        with suppress(OSError):
            self.send_response(says.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(says.body)))
            self.end_headers()
            self.wfile.write(says.body[: len(says.body) // 2] if half else says.body)
            self.close_connection = self.close_connection or half

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.server.resets.add(self.connection.fileno())
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass


class FakeTelegram(ThreadingHTTPServer):
    """The server; ``bots`` are by token."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bots = {TOKEN: Bot(TOKEN, 123456)}
        self.resets: set[int] = set()
        self.open: set[_Handler] = set()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def shutdown_request(self, request: Any) -> None:
        if request.fileno() in self.resets:  # a polite end would come before the reset
            self.resets.discard(request.fileno())
            self.close_request(request)
        else:
            super().shutdown_request(request)

    @property
    def bot(self) -> Bot:
        return self.bots[TOKEN]


@contextmanager
def fake_telegram() -> Iterator[FakeTelegram]:
    """A running Bot API with one bot."""
    fake = FakeTelegram()
    thread = threading.Thread(target=fake.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.shutdown()
        fake.server_close()
        thread.join(60)
