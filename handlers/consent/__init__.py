"""Consent: to be left alone, or not any more."""

from handlers.consent.mechanic import MECHANIC
from handlers.consent.say import ROUTE as STOP_ROUTE
from handlers.consent.start import ROUTE as START_ROUTE
from handlers.consent.start import agree_again, says_yes
from handlers.consent.stop_words import says_stop

__all__ = [
    "MECHANIC",
    "START_ROUTE",
    "STOP_ROUTE",
    "agree_again",
    "says_stop",
    "says_yes",
]
