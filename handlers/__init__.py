"""What a campaign can do: one mechanic each, in the order of their precedence.

In this order a text is tried, and in this order they react and speak. So draws stand before whoever reacts to a code,
too: what it won is settled and said before what it brings to friends and torches, which need the balance after it.
"""

from core.mechanics import Mechanics
from handlers.broadcasts import MECHANIC as BROADCASTS
from handlers.calendar import MECHANIC as CALENDAR
from handlers.claims import MECHANIC as CLAIMS
from handlers.codes import MECHANIC as CODES
from handlers.consent import MECHANIC as CONSENT
from handlers.draws import MECHANIC as DRAWS
from handlers.events import MECHANIC as EVENTS
from handlers.follow_ups import MECHANIC as FOLLOW_UPS
from handlers.gifts import MECHANIC as GIFTS
from handlers.invites import MECHANIC as INVITES
from handlers.linking import MECHANIC as LINKING
from handlers.look import MECHANIC as LOOK
from handlers.operators import MECHANIC as OPERATORS
from handlers.players import MECHANIC as PLAYERS
from handlers.points import MECHANIC as POINTS
from handlers.purchases import MECHANIC as PURCHASES
from handlers.quiz import MECHANIC as QUIZ
from handlers.relay import MECHANIC as RELAY
from handlers.rights import MECHANIC as RIGHTS
from handlers.segments import MECHANIC as SEGMENTS
from handlers.talk import MECHANIC as TALK

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
    PURCHASES,
    QUIZ,
    RELAY,
    FOLLOW_UPS,
    CALENDAR,
    SEGMENTS,
    BROADCASTS,
    LOOK,
    PLAYERS,
    RIGHTS,
    OPERATORS,
    TALK,
)
