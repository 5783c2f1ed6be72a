"""Telegram as a channel: routes in the web process or a link that polls, texts by the sender, menus of bots."""

import threading
from collections.abc import Iterator, Sequence

from flask import Blueprint

from bots.base import Beginner, Channel, ChannelDependencies, Finding, FirstAccount, InboundSink, Sends
from bots.telegram import doctor, polling, webhook
from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.client import Client
from bots.telegram.commands import TelegramMenus, setup
from bots.telegram.media import TelegramMedia
from bots.telegram.outbound import TelegramSends
from bots.telegram.rendering import preview


class _Poller:
    """Fetches the updates of one bot; its texts go out by the sender."""

    sends: Sends | None = None

    def __init__(self, account: TelegramAccount, dependencies: ChannelDependencies, sink: InboundSink) -> None:
        self._account, self._dependencies, self._sink = account, dependencies, sink
        self._standing = 0

    def standing(self) -> int:
        """1 while it fetches."""
        return self._standing

    def run(self, stopping: threading.Event) -> None:
        """Fetch until ``stopping``."""
        self._standing = 1
        try:
            sink = self._sink
            polling.run(self._account, sink.submit, self._dependencies.clock, stopping, unread=sink.unread)
        finally:
            self._standing = 0

    def close(self) -> None:
        """Hold nothing: :meth:`run` has hung up."""


def _deep_link(account: TelegramAccount, word: str) -> str | None:
    """A tap on its button says the word (core.telegram.org/bots/features#deep-linking)."""
    return f"https://t.me/{account.username}?start={word}" if account.username else None


def _routes(accounts: Sequence[TelegramAccount], dependencies: ChannelDependencies, sink: InboundSink) -> Blueprint:
    """/telegram/<account>."""
    clients = [_client(account, dependencies) for account in accounts]
    return webhook.blueprint(clients, sink.submit, dependencies.clock, unread=sink.unread)


def _polls(account: TelegramAccount) -> bool:
    return account.receive == "polling"


def _doctor(account: TelegramAccount, dependencies: ChannelDependencies) -> Iterator[Finding]:
    """Token, clock, webhook and our door."""
    return doctor.findings(account, dependencies.public_url, dependencies.clock)


def _client(account: TelegramAccount, dependencies: ChannelDependencies) -> Client:
    client = Client(account)
    dependencies.ends.callback(client.close)
    return client


def _first(beginner: Beginner) -> FirstAccount:
    """A bot that is delivered to, or is polled where nothing can reach us."""
    receive = "polling" if beginner.public_url is None else "webhook"
    secrets = {"token": ""} | ({} if beginner.public_url is None else {"webhook_secret": beginner.secret})
    return FirstAccount((f'receive = "{receive}"', '# username = "SnackBot"     # for links into the chat'), secrets)


TELEGRAM: Channel[TelegramAccount] = Channel(
    name=CHANNEL,
    first=_first,
    models={"": TelegramAccount},
    outlet=lambda account: TelegramSends(Client(account)).outlet,
    webhook_path=lambda account: account.webhook_path,
    known_as=lambda account: f"@{account.username}" if account.username else None,
    deep_link=_deep_link,
    routes=_routes,
    sender=lambda account, dependencies: TelegramSends(_client(account, dependencies)),
    fetcher=lambda account, dependencies: TelegramMedia(_client(account, dependencies)),
    menus=lambda account, dependencies: TelegramMenus(_client(account, dependencies)),
    preview=lambda _account, text: preview(text),
    has_link=_polls,
    link=lambda account, *given: _Poller(account, *given) if _polls(account) else None,
    doctor=_doctor,
    scenes=True,
    commands=(setup,),
)
"""All our bots."""
