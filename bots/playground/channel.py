"""The playground as a channel: a phone's mailbox is the page, which shows what was handed over here.

What its page needs of the database is put together where that is known (huoju/web/playground.py), so it has no
routes here.
"""

from datetime import timedelta

from pydantic import BaseModel

from bots.base import Beginner, Channel, FirstAccount
from bots.playground.api import ACCOUNT, ACCOUNTS, CHANNEL
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Rate, SendingAccount


class PlaygroundAccount(BaseModel):
    """One of those that are always there."""

    name: str = ACCOUNT


class PlaygroundSends:
    """Delivers by saying so: once the outbox says that a text was sent, every page finds it there."""

    def __init__(self, account: str = ACCOUNT) -> None:
        self.outlet = outlet_of(account)

    def send(self, message: OutboundMessage) -> Outcome:  # noqa: ARG002  # the outbox itself is the mailbox
        """Take ``message``."""
        return Delivered()


def _first(beginner: Beginner) -> FirstAccount:
    """It is served, behind a password where others can reach it."""
    settings = {} if beginner.public_url is None else {"HUOJU_PLAYGROUND_PASSWORD": beginner.secret}
    return FirstAccount(settings=settings, options=("--playground",))


def outlet_of(account: str) -> SendingAccount:
    """How an account may be used for sending."""
    return SendingAccount(CHANNEL, account, Rate(200, timedelta(seconds=1), burst=200), at_once=32)


PLAYGROUND: Channel[PlaygroundAccount] = Channel(
    name=CHANNEL,
    first=_first,
    built_in=tuple(PlaygroundAccount(name=name) for name in ACCOUNTS),
    outlet=lambda account: outlet_of(account.name),
    sender=lambda account, _dependencies: PlaygroundSends(account.name),
)
