"""The last draws, for a page that shows them: no player, no code, nothing that names anybody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from core.campaign.live import CampaignShelf
from core.database import read_only
from handlers.draws.rules import prizes_of
from handlers.draws.tables import Draw

_LOOKED_BACK = (timedelta(minutes=10), timedelta(days=1))
"""Where the newest are sought before all are looked at: draws are not kept in the order of their time."""


class LatestDraw(NamedTuple):
    """One draw: the titles of campaign and prize by language; ``prize`` is None when nothing was won."""

    campaign: Mapping[str, str]
    prize: Mapping[str, str] | None
    odds: Fraction
    at: datetime


def latest_draws(
    sessions: sessionmaker[Session], shelf: CampaignShelf, at: datetime, most: int = 10
) -> list[LatestDraw]:
    """The newest ``most`` draws of all campaigns, newest first; quick where as many were made shortly before ``at``."""
    with read_only(sessions) as session:
        campaigns = shelf.look(session)
        draw = select(Draw.campaign_id, Draw.prize, Draw.odds, Draw.odds_in, Draw.at)
        newest = draw.order_by(Draw.at.desc()).limit(most)
        for back in _LOOKED_BACK:
            rows = session.execute(newest.where(Draw.at >= at - back)).all()
            if len(rows) == most:
                break
        else:
            rows = session.execute(newest).all()
    draws = []
    for campaign_id, name, wins, of, drawn_at in rows:
        rules = campaigns[campaign_id].rules
        titles = {prize.name: prize.title.model_dump() for prize in prizes_of(rules)}
        prize = titles.get(name, {"zh": name, "en": name}) if name else None
        draws.append(LatestDraw(rules.title.model_dump(), prize, Fraction(wins, of), drawn_at))
    return draws
