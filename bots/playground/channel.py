"""The playground as a channel: a phone's mailbox is the page, which shows what was handed over here.

What its page needs of the database is put together where that is known (huoju/web/application.py), so it has no
routes here.
"""

from datetime import timedelta

from pydantic import BaseModel

from bots.base import Beginner, Channel, FirstAccount
from bots.playground.api import ACCOUNT, CHANNEL
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Rate, SendingAccount


class PlaygroundAccount(BaseModel):
    """The one that is there."""

    name: str = ACCOUNT


class PlaygroundSends:
    """Delivers by saying so: once the outbox says that a text was sent, every page finds it there."""

    outlet = SendingAccount(CHANNEL, ACCOUNT, Rate(200, timedelta(seconds=1), burst=200), at_once=32)

    def send(self, message: OutboundMessage) -> Outcome:  # noqa: ARG002  # the outbox itself is the mailbox
        """Take ``message``."""
        return Delivered()


def _first(beginner: Beginner) -> FirstAccount:
    """It is served, behind a password where others can reach it."""
    settings = {} if beginner.public_url is None else {"HUOJU_PLAYGROUND_PASSWORD": beginner.secret}
    return FirstAccount(settings=settings, options=("--playground",))


PLAYGROUND: Channel[PlaygroundAccount] = Channel(
    name=CHANNEL,
    first=_first,
    built_in=(PlaygroundAccount(),),
    outlet=lambda _account: PlaygroundSends.outlet,
    sender=lambda _account, _dependencies: PlaygroundSends(),
)
