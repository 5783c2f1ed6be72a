"""Load what is in stock at publication; a later version may add to it, or take what nobody has yet."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database, ledger
from core.campaign.findings import remedy
from core.campaign.reader import BadCampaign, CampaignFile
from core.models import Campaign, Transfer
from core.models.ledger import HOUSE
from core.models.stock import Stocked


def load_stock(
    session: Session,
    kind: type[Stocked],
    campaign: Campaign,
    wanted: Mapping[str, int],
    source: tuple[CampaignFile, tuple[str, ...], datetime],
) -> None:
    """Bring the stocks of all that is of ``kind`` to what is ``wanted``, by name.

    ``source`` is the file, the place in it that says so, and now. Raises BadCampaign when less is wanted than players
    have already.
    """
    file, place, now = source
    statement = database.locked(select(kind).where(kind.campaign_id == campaign.id), kind.name, kind)
    there = {item.name: item for item in session.scalars(statement)}
    for name, item in there.items():
        gone = item.stock - item.stock_left
        if wanted.get(name, 0) < gone:
            why = remedy("{count} of {name} are won already; keep at least these", count=gone, name=name)
            raise BadCampaign([file.violation(place, why)])
        _move_stock(session, campaign, item, wanted.get(name, 0) - item.stock, now)
    for name in wanted.keys() - there.keys():
        item = kind(campaign_id=campaign.id, name=name, stock=0, stock_left=0)
        session.add(item)
        session.flush()
        _move_stock(session, campaign, item, wanted[name], now)


def _move_stock(session: Session, campaign: Campaign, item: Stocked, change: int, now: datetime) -> None:
    if change == 0:
        return
    source, stock = ledger.house_account(campaign.id, "stock-room"), ledger.account_of(item)
    session.add(
        Transfer(
            owner_id=HOUSE,
            ref=f"{item.loading}:{campaign.id}:{campaign.version}:{item.name}",
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
