"""One short code at one SMSC: all its links, its receiving and its sending half (SMPP 3.4).

https://smpp.org/SMPP_v3_4_Issue1_2.pdf.
"""

import time
from collections.abc import Callable

from bots.base import InboundSink
from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.delivery_reports import DeliveryReportQueue, MessageIds
from bots.sms.smpp.inbound import SmppInbound
from bots.sms.smpp.link import Link, LinkReport
from bots.sms.smpp.outbound import SmppOutbound
from bots.sms.smpp.pdu import Command
from bots.sms.smpp.reassembly import Reassembly
from bots.sms.smpp.session import SessionContext
from bots.sms.smpp.timeouts import Backoff, Timeouts
from core.randomness import Randomness
from core.times import Clock

_ROLES = {
    "transceiver": (Command.BIND_TRANSCEIVER,),
    "pair": (Command.BIND_TRANSMITTER, Command.BIND_RECEIVER),
}


class Esme:
    """The links of one account in this process, between :meth:`start` and :meth:`stop`.

    ``running_s`` is a clock that only runs, in seconds.
    """

    def __init__(
        self,
        account: SmppAccount,
        sink: InboundSink,
        *,
        clock: Clock,
        randomness: Randomness,
        running_s: Callable[[], float] = time.monotonic,
        timeouts: Timeouts | None = None,
    ) -> None:
        timeouts = timeouts or Timeouts()
        self.account = account
        self._reports = DeliveryReportQueue(sink.report, account.name)
        reassembly, message_ids = Reassembly(running_s, timeouts), MessageIds()
        self._inbound = SmppInbound(
            account, sink, self._reports, reassembly=reassembly, message_ids=message_ids, clock=clock
        )
        context = SessionContext(account, self._inbound, message_ids, running_s, timeouts)
        self._links = [
            Link(f"{number}-{role.name.removeprefix('BIND_').lower()}", role, context, Backoff(timeouts, randomness))
            for number in range(1, account.binds + 1)
            for role in _ROLES[account.bind]
        ]
        self.outbound = SmppOutbound(account, self._links, randomness, running_s, timeouts, clock=clock)
        """The sending half, for one account sender of this process: it sends nothing while no link is bound."""

    def start(self) -> None:
        """Connect; links that cannot are tried for ever."""
        self._reports.start()
        for link in self._links:
            link.start()

    def stop(self, drain_s: float = 10.0) -> None:
        """Take nothing more, finish what is in flight within ``drain_s``, unbind, and end.

        Stop the sender before, and close the engine after: messages that it has not committed by then come again.
        """
        for link in self._links:
            link.leave(drain_s)
        self._inbound.give_up()
        for link in self._links:
            link.join(drain_s + 5)
        self._reports.stop()

    def state(self) -> list[LinkReport]:
        """How each link does, for metrics and health."""
        return [link.report() for link in self._links]
