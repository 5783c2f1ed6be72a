"""Platform adapters: bytes in, messages out. A channel is a folder here, and its line in CHANNELS."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bots.base import Channel


class Told(NamedTuple):
    """A sentence of the command line, in both languages."""

    says: str
    chinese: str


class Listed(NamedTuple):
    """What is known of a channel before anything of it is imported."""

    name: str
    """Its folder's, too; its ``channel.py`` has the :class:`~bots.base.Channel`, called like it in capitals."""
    title: str
    """What people call it."""
    command: Told | None = None
    """What `huoju <name>` does, where there is such a command."""
    built_in: bool = False
    """Its accounts are always there, and huoju.toml describes none."""


CHANNELS = (
    Listed(
        "wechat",
        "WeChat 微信",
        Told(
            "Look after official accounts: their menus, QR codes, and whom these brought.",
            "照看公众号：菜单、二维码，以及它们带来了谁。",
        ),
    ),
    Listed(
        "telegram",
        "Telegram",
        Told("Run the polling of bots without a webhook only.", "只运行没有 webhook 的机器人的轮询。"),
    ),
    Listed(
        "sms",
        "SMS 短信",
        Told("Run the SMPP links only, with what is sent by them.", "只运行 SMPP 连接，以及经它们发送的短信。"),
    ),
    Listed("playground", "Playground 演练场", built_in=True),
    Listed("terminal", "Terminal 终端", built_in=True),
)
"""All channels that accounts may be on."""


def load(name: str) -> "Channel[Any]":
    """The channel called ``name``, imported now: the libraries of platforms are a third of what a process imports.

    Raises KeyError when there is none.
    """
    if name not in {listed.name for listed in CHANNELS}:
        raise KeyError(name)
    channel: Channel[Any] = getattr(import_module(f"{__name__}.{name}.channel"), name.upper())
    return channel
