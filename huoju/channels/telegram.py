"""Telegram bots in the processes: doors in the web process or a link that polls, texts by the sender."""

import threading
from collections.abc import Iterator, Sequence
from typing import ClassVar

from flask import Blueprint

from bots.base import Finding, Sends
from bots.telegram import checking, polling, receive
from bots.telegram.account import CHANNEL, TelegramAccount
from bots.telegram.line import Line
from bots.telegram.sending import TelegramSends
from core.sending.outbound import Outlet
from huoju.channels.wiring import Channel, Desk, Surroundings


class _Poller:
    """Fetches the updates of one bot; its texts go out by the sender."""

    sends: Sends | None = None

    def __init__(self, account: TelegramAccount, around: Surroundings, desk: Desk) -> None:
        self._account, self._around, self._desk = account, around, desk
        self._standing = 0

    def standing(self) -> int:
        """1 while it fetches."""
        return self._standing

    def run(self, stopping: threading.Event) -> None:
        """Fetch until ``stopping``."""
        self._standing = 1
        try:
            desk = self._desk
            polling.run(self._account, desk.submit, self._around.clock, stopping, unread=desk.unread)
        finally:
            self._standing = 0

    def close(self) -> None:
        """Hold nothing: :meth:`run` has hung up."""


class Telegram(Channel[TelegramAccount]):
    """All our bots."""

    name = CHANNEL
    models: ClassVar = {"": TelegramAccount}

    def outlet(self, table: TelegramAccount) -> Outlet:
        """How the account may be used for sending."""
        return TelegramSends(Line(table)).outlet

    def address(self, table: TelegramAccount) -> str | None:
        """Where the platform calls us."""
        return f"/{CHANNEL}/{table.name}" if table.receive == "webhook" else None

    def known_as(self, table: TelegramAccount) -> str | None:
        """The bot's own name."""
        return f"@{table.username}" if table.username else None

    def opens(self, table: TelegramAccount, word: str) -> str | None:
        """A deep link (core.telegram.org/bots/features#deep-linking): a tap on its button says the word."""
        return f"https://t.me/{table.username}?start={word}" if table.username else None

    def doors(self, tables: Sequence[TelegramAccount], around: Surroundings, desk: Desk) -> Blueprint:
        """/telegram/<account>."""
        lines = [_line(table, around) for table in tables if table.receive == "webhook"]
        return receive.blueprint(lines, desk.submit, around.clock, unread=desk.unread)

    def sends(self, table: TelegramAccount, around: Surroundings) -> Sends:
        """Messages of the bot."""
        return TelegramSends(_line(table, around))

    def has_link(self, table: TelegramAccount) -> bool:
        """Only where there is no webhook."""
        return table.receive == "polling"

    def link(self, table: TelegramAccount, around: Surroundings, desk: Desk) -> _Poller | None:
        """Polling."""
        return _Poller(table, around, desk) if self.has_link(table) else None

    def findings(self, table: TelegramAccount, around: Surroundings) -> Iterator[Finding]:
        """Token, clock, webhook and our door."""
        yield from checking.findings(table, around.public_url, around.clock)


def _line(table: TelegramAccount, around: Surroundings) -> Line:
    line = Line(table)
    around.ends.callback(line.close)
    return line
