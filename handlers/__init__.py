"""What a campaign can do: one mechanic each, in the order of their precedence.

In this order a text is tried, and in this order they react and speak. So draws stand before whoever reacts to a code,
too: what it won is settled and said before what it brings to friends and torches, which need the balance after it.
"""

from core.mechanics import Mechanics
from handlers.calendar.mechanic import MECHANIC as CALENDAR
from handlers.claims.mechanic import MECHANIC as CLAIMS
from handlers.codes.mechanic import MECHANIC as CODES
from handlers.consent.mechanic import MECHANIC as CONSENT
from handlers.draws.mechanic import MECHANIC as DRAWS
from handlers.events.mechanic import MECHANIC as EVENTS
from handlers.follow_ups.mechanic import MECHANIC as FOLLOW_UPS
from handlers.gifts.mechanic import MECHANIC as GIFTS
from handlers.invites.mechanic import MECHANIC as INVITES
from handlers.linking.mechanic import MECHANIC as LINKING
from handlers.points.mechanic import MECHANIC as POINTS
from handlers.quiz.mechanic import MECHANIC as QUIZ
from handlers.relay.mechanic import MECHANIC as RELAY
from handlers.talk.mechanic import MECHANIC as TALK

MECHANICS = Mechanics.of(
    EVENTS,
    CONSENT,
    DRAWS,
    POINTS,
    GIFTS,
    INVITES,
    LINKING,
    CLAIMS,
    CODES,
    QUIZ,
    RELAY,
    FOLLOW_UPS,
    CALENDAR,
    TALK,
)
