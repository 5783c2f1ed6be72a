"""All kinds of timers, by name."""

from core.claims import timing as claims
from core.relay import timing as relay

KINDS = {**claims.KINDS, **relay.KINDS}
