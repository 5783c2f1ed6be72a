"""The playground's sending half: a phone's mailbox is the page, which shows what was handed over here."""

from datetime import timedelta

from bots.playground.receive import ACCOUNT, CHANNEL
from core.sending.outbound import Delivered, OutboundMessage, Outcome, Outlet, Rate


class PlaygroundSends:
    """Delivers by saying so: once the outbox says that a text was sent, every page finds it there."""

    outlet = Outlet(CHANNEL, ACCOUNT, Rate(200, timedelta(seconds=1), burst=200), at_once=32)

    def send(self, message: OutboundMessage) -> Outcome:  # noqa: ARG002  # the outbox itself is the mailbox
        """Take ``message``."""
        return Delivered()
