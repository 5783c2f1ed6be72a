"""What Telegram's tests share: a bot's door over a stage, the fake Bot API behind it, and a sender."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from pydantic import SecretStr
from werkzeug.test import TestResponse

from bots.base import BODY_LIMIT, Submit
from bots.telegram.account import TelegramAccount
from bots.telegram.client import Client
from bots.telegram.outbound import TelegramSends
from bots.telegram.webhook import SECRET_HEADER, blueprint
from core.engine.engine import Engine
from core.times import Clock
from tests.adapters.telegram.updates import dumped
from tests.fakes.telegram import SECRET, TOKEN, FakeTelegram
from tests.sending.rig import Desk
from tests.stage import CAMPAIGN, START, Stage

CHATTED = CAMPAIGN.replace("[test, second]", "[telegram, test]")
PUBLIC = "https://play.example"


def account(fake: FakeTelegram, **fields: Any) -> TelegramAccount:
    given = {"webhook_secret": SecretStr(SECRET), "api_url": fake.url, **fields}
    return TelegramAccount(name="main", token=SecretStr(TOKEN), **given)


class Door:
    """The webhook of one bot."""

    def __init__(self, client: Client, submit: Submit, limit_s: float = 20.0, clock: Clock = lambda: START) -> None:
        self.unread: list[str] = []
        unread = lambda _channel, _account, what, _id: self.unread.append(what)  # noqa: E731
        app = Flask(__name__)
        app.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
        app.register_blueprint(blueprint([client], submit, clock, limit_s=limit_s, unread=unread))
        self.http = app.test_client()

    def post(self, body: bytes | dict[str, Any], secret: str | None = SECRET, name: str = "main") -> TestResponse:
        data = body if isinstance(body, bytes) else dumped(body)
        headers = {} if secret is None else {SECRET_HEADER: secret}
        return self.http.post(f"/telegram/{name}", data=data, headers=headers, content_type="application/json")

    def reach(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """What Telegram reaches at ``url``."""
        assert url.startswith(PUBLIC)
        return self.http.post(urlsplit(url).path, data=body, headers=dict(headers)).status_code


class Chat(Door):
    """A door over a stage with a real engine; ``deliver`` lets the sender say what there is to say."""

    def __init__(self, stage: Stage, fake: FakeTelegram) -> None:
        self.stage, self.fake = stage, fake
        self.engine = Engine(stage.runtime)
        self.client = Client(account(fake))
        super().__init__(self.client, self.engine.submit, clock=lambda: stage.now)
        self.sends = TelegramSends(self.client)
        self.desk = Desk(stage, self.sends)

    def say(self, update: dict[str, Any]) -> list[str]:
        """Post ``update``, and what the bot then says."""
        assert self.post(update).status_code == 200
        return self.deliver()

    def deliver(self) -> list[str]:
        before = len(self.fake.bot.sent)
        self.desk.rounds()
        return self.fake.bot.texts()[before:]

    def close(self) -> None:
        self.engine.close()
        self.desk.account.close()
        self.client.close()


def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Wait for ``condition``; fail when it does not come."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come"
        time.sleep(0.01)
