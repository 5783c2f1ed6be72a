"""Platform adapters: bytes in, messages out. A channel is a folder here, and its line in CHANNELS."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bots.base import Channel


class Listed(NamedTuple):
    """What is known of a channel before anything of it is imported."""

    name: str
    """Its folder's, too; its ``channel.py`` has the :class:`~bots.base.Channel`, called like it in capitals."""
    title: str
    """What people call it."""
    command: str | None = None
    """What `huoju <name>` does, in a sentence, where there is such a command."""
    built_in: bool = False
    """Its accounts are always there, and huoju.toml describes none."""


CHANNELS = (
    Listed("wechat", "WeChat 微信", "Look after official accounts: their menus, QR codes, and whom these brought."),
    Listed("telegram", "Telegram", "Run the polling of bots without a webhook only."),
    Listed("sms", "SMS 短信", "Run the SMPP links only, with what is sent by them."),
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
