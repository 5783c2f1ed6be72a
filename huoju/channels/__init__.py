"""The channels that accounts may be on. A new one is its adapter under bots/, its file here, and its line below."""

from collections.abc import Mapping
from typing import Any

from huoju.channels.sms import Sms
from huoju.channels.telegram import Telegram
from huoju.channels.wechat import WeChat
from huoju.channels.wiring import Channel

CHANNELS: Mapping[str, Channel[Any]] = {
    channel.name: channel
    for channel in (
        WeChat(),
        Telegram(),
        Sms(),
    )
}
"""By name."""
