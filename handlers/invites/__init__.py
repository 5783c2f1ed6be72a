"""Invites: friends who bring friends in."""

from handlers.invites.load import InviteRows
from handlers.invites.mechanic import MECHANIC
from handlers.invites.rules import InviteRules
from handlers.invites.tables import Invite, InviteWord
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
