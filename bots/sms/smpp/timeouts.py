"""How long a link waits for what (SMPP 3.4, 7.2, https://smpp.org/SMPP_v3_4_Issue1_2.pdf), and when it tries again."""

from dataclasses import dataclass

from core.randomness import Randomness

WHOLE_S = 60.0
"""So long the parts of one message may take; then what has come is all of it."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Lengths of time in seconds."""

    connect_s: float = 10.0
    first_pause_s: float = 1.0
    longest_pause_s: float = 45.0
    tick_s: float = 0.2
    """How often a link looks whether something has waited too long."""
    proof_s: float = 1.0
    """After so long without a sign that the SMSC has read an acknowledgement, it is asked for one by enquire_link."""
    hold_s: float = 1.0
    """A part that was acknowledged is lost when we are killed before its message is complete, so parts are acknowledged
    together, once the whole message is safe. But an SMSC may send the next part only when this one is acknowledged:
    after so long without another part what is held is acknowledged all the same. A kill in this moment loses it."""
    whole_s: float = WHOLE_S
    send_s: float = 18.0
    """So long a text may wait for its turn and for the SMSC's answer, together."""


class Backoff:
    """How long to wait before the next try to connect: twice as long each time, a quarter more or less by chance."""

    def __init__(self, timeouts: Timeouts, randomness: Randomness) -> None:
        self._timeouts, self._randomness = timeouts, randomness
        self._next_s = timeouts.first_pause_s

    def reset(self) -> None:
        """The link was good."""
        self._next_s = self._timeouts.first_pause_s

    def next_s(self) -> float:
        """The pause after one more failure."""
        pause_s, limit_s = self._next_s, self._timeouts.longest_pause_s
        self._next_s = min(limit_s, 2 * pause_s)
        return min(limit_s, pause_s * (0.75 + self._randomness.take(1)[0] / 510))
