"""Load the stock of prizes and gifts at publication; a later version may add to it, or take what nobody has yet."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database, ledger
from core.campaign.reading import BadCampaign, CampaignFile
from core.campaign.rules import Rules
from core.models import Campaign, Gift, Prize, Transfer
from core.models.ledger import HOUSE


def load_stock(session: Session, campaign: Campaign, rules: Rules, file: CampaignFile, now: datetime) -> None:
    """Bring all stocks to what ``rules`` say. Raises BadCampaign when less is wanted than players have already."""
    prizes = {prize.name: prize.stock for prize in rules.draw.prizes} if rules.draw else {}
    _load(session, Prize, campaign, prizes, (file, ("draw", "prizes"), now))
    gifts = {gift.name: gift.stock for gift in rules.gifts or ()}
    _load(session, Gift, campaign, gifts, (file, ("gifts",), now))


def _load(
    session: Session,
    kind: type[Prize] | type[Gift],
    campaign: Campaign,
    wanted: Mapping[str, int],
    source: tuple[CampaignFile, tuple[str, ...], datetime],
) -> None:
    file, place, now = source
    statement = database.locked(select(kind).where(kind.campaign_id == campaign.id), kind.name, kind)
    items: list[Prize | Gift] = list(session.scalars(statement))
    there = {item.name: item for item in items}
    for name, item in there.items():
        gone = item.stock - item.stock_left
        if wanted.get(name, 0) < gone:
            raise BadCampaign([file.violation(place, f"{gone} of {name} are won already; keep at least these")])
        _move_stock(session, campaign, item, wanted.get(name, 0) - item.stock, now)
    for name in wanted.keys() - there.keys():
        item = kind(campaign_id=campaign.id, name=name, stock=0, stock_left=0)
        session.add(item)
        session.flush()
        _move_stock(session, campaign, item, wanted[name], now)


def _move_stock(session: Session, campaign: Campaign, item: Prize | Gift, change: int, now: datetime) -> None:
    if change == 0:
        return
    source, stock = ledger.house_account(campaign.id, "stock-room"), ledger.account_of(item)
    kind = "stock" if isinstance(item, Prize) else "gift-stock"
    session.add(
        Transfer(
            owner_id=HOUSE,
            ref=f"{kind}:{campaign.id}:{campaign.version}:{item.name}",
            campaign_id=campaign.id,
            asset=ledger.asset_of(item),
            debit=source if change > 0 else stock,
            credit=stock if change > 0 else source,
            amount=abs(change),
            reason="stock",
            note=None,
            at=now,
        )
    )
    item.stock += change
    item.stock_left += change
