"""The terminal as a channel: who chats comes and fetches, so nothing is ever sent."""

from pydantic import BaseModel

from bots.base import Channel
from bots.terminal.chat import ACCOUNT
from bots.terminal.chat import CHANNEL as NAME


class TerminalAccount(BaseModel):
    """The one that is there."""

    name: str = ACCOUNT


CHANNEL: Channel[TerminalAccount] = Channel(name=NAME, built_in=(TerminalAccount(),))
