"""The stock of gifts: loaded when a version of a campaign is published."""

from sqlalchemy.orm import Session

from core.campaign.stock import load_stock
from core.mechanics import Publishing
from handlers.gifts.rules import Gifts
from handlers.gifts.tables import Gift


def load_gifts(session: Session, publishing: Publishing) -> None:
    """Bring the stock of all gifts to what the new rules say. Raises BadCampaign when players have more already."""
    wanted = {gift.name: gift.stock for gift in publishing.rules.section(Gifts).each}
    load_stock(session, Gift, publishing.campaign, wanted, (publishing.file, ("gifts",), publishing.now))
