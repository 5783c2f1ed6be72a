"""WeChat as a channel: routes in the web process, texts by the sender, menus and QR codes from the command line."""

from collections.abc import Iterator, Sequence

from flask import Blueprint

from bots.base import Beginner, Channel, ChannelDependencies, Finding, FirstAccount, InboundSink
from bots.wechat import doctor, webhook
from bots.wechat.account import CHANNEL, WeChatAccount
from bots.wechat.client import Client
from bots.wechat.commands import menu, qr
from bots.wechat.error_codes import sentence
from bots.wechat.media import WeChatMedia
from bots.wechat.outbound import WeChatSends, preview


def _routes(accounts: Sequence[WeChatAccount], dependencies: ChannelDependencies, sink: InboundSink) -> Blueprint:
    """/wechat/<account>."""
    random_bytes = dependencies.randomness.take
    return webhook.blueprint(accounts, sink.submit, dependencies.clock, random_bytes, sink.report, sink.unread)


def _client(account: WeChatAccount, dependencies: ChannelDependencies) -> Client:
    api = Client(account)
    dependencies.ends.callback(api.close)
    return api


def _doctor(account: WeChatAccount, dependencies: ChannelDependencies) -> Iterator[Finding]:
    """Credentials, clock and our door."""
    return doctor.findings(account, dependencies.public_url, dependencies.clock, dependencies.randomness.take)


def _first(beginner: Beginner) -> FirstAccount:
    """An official account whose messages are enciphered."""
    table = ('app_id = "wx0123456789abcdef"   # yours', f'title = "{beginner.brand}"', 'mode = "aes"')
    return FirstAccount(table, {"token": beginner.secret[:32], "secret": "", "aes_key": ""})


WECHAT: Channel[WeChatAccount] = Channel(
    name=CHANNEL,
    first=_first,
    models={"": WeChatAccount},
    outlet=WeChatAccount.outlet,
    webhook_path=lambda account: account.address,
    known_as=lambda account: account.title,  # what people search for; no link opens the chat
    routes=_routes,
    sender=lambda account, dependencies: WeChatSends(_client(account, dependencies)),
    fetcher=lambda account, dependencies: WeChatMedia(_client(account, dependencies)),
    preview=lambda _account, text: preview(text),
    doctor=_doctor,
    explain=sentence,
    scenes=True,
    commands=(menu, qr),
)
"""All our official accounts."""
