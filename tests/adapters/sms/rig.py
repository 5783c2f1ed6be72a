"""What the tests of HTTP gateways share: accounts, the webhook alone, and over a stage with a real engine."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask
from pydantic import SecretStr
from werkzeug.test import TestResponse

from bots.base import InboundSink, Join, Unread, parted, unheeded
from bots.http_errors import register_error_handlers
from bots.sms.account import outlet_of
from bots.sms.gateway.account import GatewayAccount
from bots.sms.http_accounts import HttpAccount, inbound_of
from bots.sms.kannel.account import KannelAccount
from bots.sms.twilio.account import TwilioAccount
from bots.sms.webhook import blueprint
from core.engine.engine import Engine
from core.messages import Answer, Answered, InboundMessage
from core.parts import join
from core.sending.delivery_reports import DeliveryReport
from core.sending.outbound import Category, OutboundMessage
from tests.fakes.gateways import Aggregator, Kannel, Outgoing, Twilio
from tests.stage import CAMPAIGN, Stage

NOW = datetime(2026, 12, 1, 4, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures"
PLAYED = CAMPAIGN.replace("[test, second]", "[sms]")
PUBLIC = "https://huoju.example"
SECRET = "kannel-secret-of-ours"
DISPATCH = "0123456789abcdef0123456789abcdef-7"


def kannel_account(**given: Any) -> KannelAccount:
    usual = {
        "name": "main",
        "sender": "10690000",
        "region": "CN",
        "secret": SecretStr(SECRET),
        "username": Kannel.username,
        "password": SecretStr(Kannel.password),
    }
    return KannelAccount(**{**usual, **given})


def twilio_account(**given: Any) -> TwilioAccount:
    usual = {
        "name": "main",
        "sender": "+14155551234",
        "account_sid": Twilio.sid,
        "auth_token": SecretStr(Twilio.token),
    }
    return TwilioAccount(**{**usual, **given})


def described(file: str = "aggregator", **given: Any) -> dict[str, Any]:
    """The table of a fixture, as the loader hands it over, with tables in ``given`` laid over its own."""
    table: dict[str, Any] = tomllib.loads((FIXTURES / f"{file}.toml").read_text(encoding="utf-8"))["sms"]["main"]
    table |= {"name": "main", "secret": SecretStr(Aggregator.secret), "key": SecretStr(Aggregator.key)}
    for name, value in given.items():
        table[name] = {**table[name], **value} if isinstance(value, dict) and name in table else value
    return table


def gateway_account(file: str = "aggregator", **given: Any) -> GatewayAccount:
    return GatewayAccount(**described(file, **given))


def outbound(text: str = "Hello", **given: Any) -> OutboundMessage:
    usual = {
        "id": DISPATCH,
        "channel": "sms",
        "account": "main",
        "user": "+8613800138000",
        "text": text,
        "said_at": NOW,
        "category": Category.ANSWER,
    }
    return OutboundMessage(**{**usual, **given})


class Door:
    """The routes without an engine: what is submitted is kept, and answered with ``answers``."""

    def __init__(self, *accounts: HttpAccount, public_url: str | None = None, now: datetime = NOW) -> None:
        self.now = now
        self.taken: list[InboundMessage] = []
        self.receipts: list[DeliveryReport] = []
        self.unread: list[str] = []
        self.answers: Callable[[InboundMessage], Answer | Exception] = lambda _message: answer("ok")
        self.app = _app(accounts, self._submit, self._report, lambda: self.now, public_url, self._unread)
        self.client = self.app.test_client()

    def call(self, request: Outgoing) -> TestResponse:
        return call(self, request)

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

    def _unread(self, _channel: str, _account: str, what: str, _id: str | None) -> None:
        self.unread.append(what)


class Chats:
    """The routes over a stage with a real engine."""

    def __init__(self, stage: Stage, account: HttpAccount, public_url: str | None = None) -> None:
        self.stage, self.account = stage, account
        if (limits := outlet_of(account).limits) is not None:
            stage.limits = {("sms", "main"): limits}
        self.engine = Engine(stage.runtime)
        self.receipts: list[DeliveryReport] = []
        self.slow = timedelta()  # how long ago the request came that reaches the engine now
        clock = lambda: stage.now - self.slow  # noqa: E731
        joining = partial(join, stage.runtime.sessions, stage.keys)
        self.app = _app([account], self.engine.submit, self.receipts.extend, clock, public_url, joining=joining)
        self.client = self.app.test_client()
        self.outlet = outlet_of(account)

    def call(self, request: Outgoing) -> TestResponse:
        return call(self, request)


def _app(
    accounts: Sequence[HttpAccount],
    submit: Any,
    report: Any,
    clock: Any,
    public_url: str | None,
    unread: Unread = unheeded,
    joining: Join = parted,
) -> Flask:
    app = Flask("webhooks")
    register_error_handlers(app)
    halves = [inbound_of(account, public_url) for account in accounts]
    app.register_blueprint(blueprint(halves, InboundSink(submit, report, unread, joining), clock))
    return app


def call(door: Door | Chats, request: Outgoing) -> TestResponse:
    return door.client.open(request.target, method=request.method, headers=request.headers, data=request.body)


@contextmanager
def chats(stage: Stage, account: HttpAccount, public_url: str | None = None) -> Iterator[Chats]:
    stage.publish(PLAYED)
    opened = Chats(stage, account, public_url)
    try:
        yield opened
    finally:
        opened.engine.close()


def answer(*texts: str, how: Answered = Answered.NEW, here: int | None = None) -> Answer:
    count = len(texts) if here is None else here
    return Answer(how, texts, tuple(range(1, len(texts) + 1)), (None,) * len(texts), count)
