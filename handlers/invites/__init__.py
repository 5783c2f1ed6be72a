"""Invites: friends who bring friends in."""

from pathlib import Path

from core.campaign.platforms import friends_on
from core.events import Addressed, Joined, Merged, Merging
from core.mechanics import Mechanic
from core.menu import MenuWord
from core.messages import Keyword
from handlers.codes import Redeemed
from handlers.invites import audit, load, measures, profile, react, recommend, rewards, rights, say, verbs
from handlers.invites.load import InviteRows
from handlers.invites.rules import InviteRules
from handlers.invites.tables import Invite, InviteWord, JoinedPhone, Recommendation
from handlers.invites.words import invite_link, invite_word

__all__ = [
    "MECHANIC",
    "Invite",
    "InviteRows",
    "InviteRules",
    "InviteWord",
    "invite_link",
    "invite_word",
]

MECHANIC = Mechanic(
    name="invites",
    sections=(InviteRules,),
    help=say.help_lines,
    terms=say.terms,
    texts=Path(__file__).parent / "texts",
    tables=(Invite, InviteWord, JoinedPhone, Recommendation),
    kept=rights.KEPT,
    forgets=rights.forget,
    routes=(
        recommend.CONTACT_ROUTE,
        say.ROUTE,
        say.FRIENDS_ROUTE,
        say.TAKE_ROUTE,
        recommend.ROUTE,
        say.ACCEPT_ROUTE,
    ),
    related=load.related,
    load=load.load,
    rank=2,
    on={
        Joined: react.attribute,
        Redeemed: rewards.qualify,
        Merging: react.keep_apart,
        Merged: react.close,
        Addressed: react.remember_phones,
    },
    says=rewards.say,
    segments=measures.SEGMENTS,
    measures=measures.MEASURES,
    checks=audit.CHECKS,
    verbs=verbs.VERBS,
    profile=profile.profile,
    finds=profile.FINDERS,
    transfers=audit.TRANSFERS,
    menu=(MenuWord(2, "invite", Keyword(zh="邀请", en="Invite"), shows=friends_on),),
)
