"""What a turn loads of gifts: their stock, locked where one of them may be handed out."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database, lists, questions
from core.context import TurnRows
from core.engine.routes import AllWanted, Requirement
from handlers.gifts.rules import Gifts
from handlers.gifts.tables import Gift

CONFIRM = "gifts.confirm"
"""The question whose answer may hand out a gift."""

_GIFTS = database.locked(
    select(Gift).where(lists.among(Gift.campaign_id, "campaign_ids")).order_by(Gift.campaign_id), Gift.name, Gift
)


@dataclass(slots=True)
class GiftRows:
    """The stock of gifts of a turn, by campaign and name."""

    gifts: dict[tuple[int, str], Gift] = field(default_factory=dict)
    locked: set[int] = field(default_factory=set)
    """The campaigns whose stock is locked: a piece of it may be handed out."""
    taken: Callable[[int, str], int] = lambda _player_id, _gift: 0
    """How many pieces of a gift a player has, by the player's id and its name: claims know what was not given back."""


@dataclass(frozen=True, slots=True)
class GiftRequires(Requirement):
    """The stock of gifts."""

    shown: bool = False
    """Of the campaigns that the player could mean: to be shown, or handed out where that is asked."""


def load(session: Session, rows: TurnRows, wanted: AllWanted) -> None:
    """Lock the stock that may be handed out, no other, and read what may be shown.

    Two messages of one sender in one turn may be a question that the first one raises and its answer.
    """
    buying = {delivery.key[0] for delivery, needs in wanted.of(GiftRequires) if needs.shown}
    if not buying:
        return
    said = Counter(each.delivery.key[0] for each in wanted)
    bought = _bought(rows, buying) | _on_offer(rows, {key for key in buying if said[key] > 1})
    lock_gifts(session, rows, bought)
    _read_gifts(session, rows, _on_offer(rows, buying) - bought)


def _bought(rows: TurnRows, buying: set[bytes]) -> set[int]:
    """The campaigns of which one of these addresses buys a gift, if the question that waits is answered so."""
    waiting = (questions.waiting(rows, rows.addresses[key]) for key in buying)
    return {each.campaign_id for each in waiting if each and each.campaign_id and each.prompt == CONFIRM}


def _on_offer(rows: TurnRows, buying: set[bytes]) -> set[int]:
    """The campaigns whose gifts these addresses could be shown: played there and not ended, or played there last."""
    buyers = [rows.addresses[key] for key in sorted(buying)]
    return {
        campaign_id
        for campaign_id, campaign in rows.campaigns.items()
        for buyer in buyers
        if campaign.rules.plays_at(buyer.place) and (campaign.state != "ended" or buyer.campaign_id == campaign_id)
    }


def lock_gifts(session: Session, rows: TurnRows, campaign_ids: Iterable[int]) -> None:
    """Lock the stock of all gifts of these campaigns."""
    wanted = sorted(each for each in set(campaign_ids) if rows.campaigns[each].rules.section(Gifts).each)
    if not wanted:
        return
    for gift in session.scalars(_GIFTS, {"campaign_ids": wanted}):
        rows.of(GiftRows).gifts[gift.campaign_id, gift.name] = gift
    rows.of(GiftRows).locked.update(wanted)


def _read_gifts(session: Session, rows: TurnRows, campaign_ids: Iterable[int]) -> None:
    """The stock of all gifts of these campaigns, to be shown; none of them may be handed out."""
    wanted = sorted(each for each in set(campaign_ids) if rows.campaigns[each].rules.section(Gifts).each)
    if wanted:
        for gift in session.scalars(select(Gift).where(Gift.campaign_id.in_(wanted))):
            rows.of(GiftRows).gifts[gift.campaign_id, gift.name] = gift
