"""The terminal as a channel: who chats comes and fetches, so nothing is ever sent."""

from pydantic import BaseModel

from bots.base import Channel
from bots.terminal.chat import ACCOUNT, CHANNEL


class TerminalAccount(BaseModel):
    """The one that is there."""

    name: str = ACCOUNT


TERMINAL: Channel[TerminalAccount] = Channel(name=CHANNEL, built_in=(TerminalAccount(),))
