"""Follow-ups: what is said unasked, some time after something happened."""

from handlers.follow_ups.known import Known
from handlers.follow_ups.load import ANNOUNCE, ask, is_true
from handlers.follow_ups.mechanic import MECHANIC
from handlers.follow_ups.say import is_over, is_twin, is_welcome, speak, waits

__all__ = [
    "ANNOUNCE",
    "MECHANIC",
    "Known",
    "ask",
    "is_over",
    "is_true",
    "is_twin",
    "is_welcome",
    "speak",
    "waits",
]
