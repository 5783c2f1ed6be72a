"""WeChat official accounts in the processes: doors in the web process, texts by the sender."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from flask import Blueprint

from bots.base import Finding, Sends
from bots.wechat import checking, receive
from bots.wechat.account import CHANNEL, WeChatAccount
from bots.wechat.api import Api
from bots.wechat.sending import WeChatSends
from core.sending.outbound import Outlet
from huoju.channels.wiring import Channel, Desk, Surroundings


class WeChat(Channel[WeChatAccount]):
    """All our official accounts."""

    name = CHANNEL
    models: ClassVar = {"": WeChatAccount}

    def outlet(self, table: WeChatAccount) -> Outlet:
        """How the account may be used for sending."""
        return table.outlet()

    def address(self, table: WeChatAccount) -> str:
        """Where the platform calls us."""
        return table.address

    def known_as(self, table: WeChatAccount) -> str | None:
        """What people search for; no link opens the chat."""
        return table.title

    def doors(self, tables: Sequence[WeChatAccount], around: Surroundings, desk: Desk) -> Blueprint:
        """/wechat/<account>."""
        return receive.blueprint(tables, desk.submit, around.clock, around.randomness.take, desk.report, desk.unread)

    def sends(self, table: WeChatAccount, around: Surroundings) -> Sends:
        """Customer-service messages and notices."""
        api = Api(table)
        around.ends.callback(api.close)
        return WeChatSends(api)

    def findings(self, table: WeChatAccount, around: Surroundings) -> Iterator[Finding]:
        """Credentials, clock and our door."""
        yield from checking.findings(table, around.public_url, around.clock, around.randomness.take)
