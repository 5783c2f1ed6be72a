"""The channels that accounts may be on. A new one is its adapter under bots/, its file here, and its line below."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

from huoju.channels.wiring import Channel

_OURS = {
    "wechat": "WeChat",
    "telegram": "Telegram",
    "sms": "Sms",
}
"""The name of each, which is its file's, too, and its class."""


class _Channels(Mapping[str, Channel[Any]]):
    """Each is imported when it is asked for: the libraries of platforms are a third of what a process imports."""

    def __getitem__(self, name: str) -> Channel[Any]:
        return _made(name, _OURS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(_OURS)

    def __len__(self) -> int:
        return len(_OURS)


@cache
def _made(name: str, kind: str) -> Channel[Any]:
    channel = getattr(import_module(f"{__name__}.{name}"), kind)()
    assert isinstance(channel, Channel)
    assert channel.name == name
    return channel


CHANNELS: Mapping[str, Channel[Any]] = _Channels()
"""By name."""
