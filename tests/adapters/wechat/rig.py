"""What the tests of WeChat share: accounts, the door alone and the door over a stage with a real engine."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from pydantic import SecretStr
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from bots.wechat.account import WeChatAccount
from bots.wechat.notice import Notice
from bots.wechat.webhook import blueprint
from core.engine.engine import Engine
from core.messages import Answer, Answered, InboundMessage
from core.sending.delivery_reports import DeliveryReport
from core.sending.outbound import OutboundMessage
from tests.fakes.wechat import AES_KEY, APP_ID, SECRET, TOKEN, Delivering, Request
from tests.stage import CAMPAIGN, Stage

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures"
PLAYED = CAMPAIGN.replace("[test, second]", "[wechat]")


def account(**given: Any) -> WeChatAccount:
    usual: dict[str, Any] = {
        "name": "main",
        "app_id": APP_ID,
        "token": SecretStr(TOKEN),
        "secret": SecretStr(SECRET),
        "aes_key": SecretStr(AES_KEY),
        "notices": (Notice(id="notice-1"),),
        "template": Notice(id="template-1", field="keyword1", characters=200),
    }
    return WeChatAccount(**{**usual, **given})


def fixture(name: str) -> str:
    return (FIXTURES / f"{name}.xml").read_text(encoding="utf-8")


def random_bytes(count: int) -> bytes:
    return bytes(range(count))


class Door:
    """The routes without an engine: what is submitted is kept, and answered with ``texts``."""

    def __init__(self, *accounts: WeChatAccount, now: datetime = NOW, reports: bool = True) -> None:
        self.now = now
        self.taken: list[InboundMessage] = []
        self.receipts: list[DeliveryReport] = []
        self.answers: Callable[[InboundMessage], Answer | Exception] = lambda _message: answer("ok")
        self.app = Flask("door")
        accounts = accounts or (account(),)
        self.unread: list[tuple[str, str | None]] = []
        report = self._report if reports else None
        unread = lambda _channel, _account, what, name: self.unread.append((what, name))  # noqa: E731
        self.doors = blueprint(accounts, self._submit, lambda: self.now, random_bytes, report, unread)
        self.app.register_blueprint(self.doors)
        self.client = self.app.test_client()
        self.delivering = Delivering(lambda: self.now, safe=accounts[0].mode == "aes")

    def deliver(self, document: str | bytes, **other: str) -> TestResponse:
        return self.post(self.delivering.signed(document, **other))

    def post(self, request: Request, name: str = "main", **parts: Any) -> TestResponse:
        return self.client.post(f"/wechat/{name}{request.target}", data=request.body, **parts)

    def words(self, response: TestResponse) -> str | None:
        assert response.status_code == 200, response.data
        return self.delivering.words(response.data)

    def _submit(self, message: InboundMessage) -> Future[Answer]:
        self.taken.append(message)
        future: Future[Answer] = Future()
        given = self.answers(message)
        if isinstance(given, Exception):
            future.set_exception(given)
        else:
            future.set_result(given)
        return future

    def _report(self, receipts: Sequence[DeliveryReport]) -> None:
        self.receipts += receipts


def answer(*texts: str, how: Answered = Answered.NEW, here: int | None = None) -> Answer:
    count = len(texts) if here is None else here
    return Answer(how, texts, tuple(range(1, len(texts) + 1)), (None,) * len(texts), count)


class Chats:
    """The routes over a stage with a real engine, and WeChat at the other end."""

    def __init__(self, stage: Stage, *, safe: bool = True, late_s: float = 0.0, **given: Any) -> None:
        """With ``late_s`` every turn takes so long, as far as the engine's clock tells."""
        self.stage = stage
        self.engine = Engine(replace(stage.runtime, clock=lambda: stage.now + timedelta(seconds=late_s)))
        mode = {"mode": "aes"} if safe else {"mode": "plain", "aes_key": None}
        self.app = Flask("chats")
        self.app.register_blueprint(
            blueprint([account(**mode, **given)], self.engine.submit, lambda: stage.now, random_bytes, None)
        )
        self.client = self.app.test_client()
        self.delivering = Delivering(lambda: stage.now, safe=safe)

    def say(self, document: str) -> str | None:
        """Deliver ``document`` once; what is said in the connection."""
        sent = self.delivering.signed(document)
        response = self.client.post(f"/wechat/main{sent.target}", data=sent.body)
        assert response.status_code == 200, response.data
        return self.delivering.words(response.data)

    @contextmanager
    def served(self, patience_s: float = 5.0) -> Iterator[Delivering]:
        """The same over HTTP on loopback."""
        server = make_server("127.0.0.1", 0, self.app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            self.delivering.url = f"http://127.0.0.1:{server.server_port}/wechat/main"
            self.delivering.patience_s = patience_s
            yield self.delivering
        finally:
            server.shutdown()
            thread.join(60)
            server.server_close()

    def close(self) -> None:
        self.engine.close()


def outbound(text: str = "hello", **given: Any) -> OutboundMessage:
    usual = {"id": "0" * 32 + "-1", "channel": "wechat", "account": "main", "user": "u", "said_at": NOW}
    return OutboundMessage(text=text, **{**usual, **given})
