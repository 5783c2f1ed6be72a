"""What all links of one account have in common (SMPP 3.4, https://smpp.org/SMPP_v3_4_Issue1_2.pdf)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bots.sms.smpp.account import SmppAccount
from bots.sms.smpp.joining import Ack
from bots.sms.smpp.pdus import Deliver
from bots.sms.smpp.taken_ids import TakenIds
from bots.sms.smpp.timing import Timing


class Ears(Protocol):
    """Hears what phones and the SMSC say."""

    def hear(self, pdu: Deliver, ack: Ack) -> None:
        """Take a deliver_sm; ``ack`` is answered once, from any thread."""
        ...

    def ignore(self, what: str, where: str) -> None:
        """Count a PDU from which nothing follows; ``where`` is what an operator can look for at the SMSC."""
        ...

    def tick(self) -> None:
        """Called several times a second."""
        ...


@dataclass(frozen=True, slots=True)
class Duties:
    """What every session of one account has in common. ``running_s`` is a clock that only runs."""

    account: SmppAccount
    ears: Ears
    taken: TakenIds
    running_s: Callable[[], float]
    timing: Timing
