"""All kinds of timers, by name."""

from collections.abc import Mapping

from core.calendar import timing as calendar
from core.claims import timing as claims
from core.follow_ups import timing as follow_ups
from core.relay import timing as relay
from core.timers import replanting
from core.timers.firing import TimerKind

KINDS: Mapping[str, TimerKind] = {
    **claims.KINDS,
    **relay.KINDS,
    **follow_ups.KINDS,
    **calendar.KINDS,
    **replanting.KINDS,
}
