"""The stock of prizes: loaded when a version of a campaign is published."""

from sqlalchemy.orm import Session

from core.campaign.stock import load_stock
from core.mechanics import Publishing
from handlers.draws.rules import prizes_of
from handlers.draws.tables import Prize


def load_prizes(session: Session, publishing: Publishing) -> None:
    """Bring the stock of all prizes to what the new rules say. Raises BadCampaign when players have more already."""
    wanted = {prize.name: prize.stock for prize in prizes_of(publishing.rules)}
    load_stock(session, Prize, publishing.campaign, wanted, (publishing.file, ("draw", "prizes"), publishing.now))
