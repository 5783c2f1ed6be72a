"""A player's own invite word, and what a stranger may know of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.alphabet import grouped, normalise
from core.campaign.live import CampaignShelf
from core.campaign.rules import Rules
from core.context import TurnRows
from core.database import read_only
from core.models import Player
from core.words import Kind, is_word, new_word
from handlers.invites.rules import InviteRules
from handlers.invites.tables import InviteWord


class Invitation(NamedTuple):
    """What an invite word leads to. Titles are by language."""

    campaign: str
    """Its name, as links have it."""
    title: Mapping[str, str]
    organiser: Mapping[str, str]
    word: str
    """Grouped for reading, like ``7K2M-9QXR``."""
    open: bool
    """Whether the campaign can be played now."""
    friend_gets: int = 0
    """Points for the friend's first code."""
    inviter_gets: int = 0
    """Points for it to whoever invites."""


def invite_word(rows: TurnRows, player: Player, at: datetime) -> str:
    """The invite word of ``player``, made at the first time. Two words that clash break a primary key; try again."""
    if player.invite_word is None:
        player.invite_word = new_word(Kind.INVITE, rows.randomness)
        rows.append(
            InviteWord,
            word=player.invite_word,
            player_id=player.id,
            campaign_id=player.campaign_id,
            made_at=at,
        )
    return player.invite_word


def invite_link(public_url: str | None, word: str, *, torch: bool = False) -> str | None:
    """The address of the page that a friend opens; None where the installation has no public address."""
    page = "t" if torch else "i"
    return f"{public_url}/{page}/{grouped(word)}" if public_url else None


def invitation(
    sessions: sessionmaker[Session], shelf: CampaignShelf, word: str, at: datetime
) -> tuple[Rules, Invitation] | None:
    """What ``word``, as somebody typed it, leads to at ``at``, and by which rules; None when there is no such word."""
    normal = normalise(word)
    if not is_word(Kind.INVITE, normal):
        return None
    with read_only(sessions) as session:
        campaign_id = session.scalar(select(InviteWord.campaign_id).where(InviteWord.word == normal))
        if campaign_id is None:
            return None
        campaign = shelf.look(session)[campaign_id]
    rules, is_open = campaign.rules, campaign.why_closed(at) is None
    gives = rules.section(InviteRules)
    points = (gives.invitee, gives.inviter) if gives else (0, 0)
    titles = rules.title.model_dump(), rules.organiser.model_dump()
    return rules, Invitation(rules.name, *titles, grouped(normal), is_open, *points)
