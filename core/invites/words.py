"""A player's own invite word, and what a stranger may know of it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.alphabet import grouped, normalise
from core.campaign.live import CampaignShelf, LiveCampaign
from core.context import TurnRows
from core.database import read_only
from core.models import InviteWord, Player
from core.words import Kind, is_word, new_word


class Invitation(NamedTuple):
    """What an invite word leads to; nothing of the person who invites."""

    campaign: LiveCampaign
    word: str


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


def invitation(sessions: sessionmaker[Session], shelf: CampaignShelf, word: str) -> Invitation | None:
    """What ``word``, as somebody typed it, leads to; None when there is no such word."""
    normal = normalise(word)
    if not is_word(Kind.INVITE, normal):
        return None
    with read_only(sessions) as session:
        campaign_id = session.scalar(select(InviteWord.campaign_id).where(InviteWord.word == normal))
        return Invitation(shelf.look(session)[campaign_id], normal) if campaign_id is not None else None
