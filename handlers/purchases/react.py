"""Whose a purchase is: what was bought before somebody joined, or linked another address, becomes theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import database
from core.context import TurnRows
from core.events import Addressed, Joined
from core.models import Address, Join, Timer
from core.models.players import USER_COLUMN
from core.phones import phone_of
from core.timers.kinds import TimerKind
from core.timers.schedule import set_timer
from core.times import milliseconds
from handlers.purchases.rules import PurchaseRules
from handlers.purchases.tables import Purchase

ADOPT = "adopt"


@dataclass(slots=True)
class Adoptions:
    """Purchases that are nobody's, locked, by the player who turned out to have made them."""

    found: dict[int, list[Purchase]] = field(default_factory=dict)


def _look_later(rows: TurnRows, player_id: int, campaign_id: int, at: datetime) -> None:
    """Let the clock look what this player bought before: a turn asks nothing for it."""
    if rows.campaigns[campaign_id].rules.section(PurchaseRules) is not None:
        set_timer(rows, player_id, ADOPT, subject=milliseconds(at), due_at=at)


def joined(rows: TurnRows, event: Joined) -> None:
    """Look for what a new player has bought."""
    _look_later(rows, event.player.id, event.player.campaign_id, event.message.received_at)


def addressed(rows: TurnRows, event: Addressed) -> None:
    """Look for what was bought by the phones of a person who was linked."""
    _look_later(rows, event.player.id, event.player.campaign_id, event.at)


def _load(session: Session, rows: TurnRows, timers: Sequence[Timer]) -> None:
    for root in sorted({rows.root(timer.owner_id) for timer in timers}):
        keys = set[bytes]()
        for address in session.scalars(
            select(Address).join(Join, Join.address_key == Address.key).where(Join.player_id == root)
        ):
            user = rows.keys.unseal(USER_COLUMN, address.key, address.user_sealed)
            keys |= {address.key, *([rows.keys.index("phone", phone)] if (phone := phone_of(user)) else [])}
        campaign_id = rows.people[root].campaign_id
        lost = select(Purchase).where(
            Purchase.buyer_key.in_(sorted(keys)), Purchase.player_id.is_(None), Purchase.campaign_id == campaign_id
        )
        found = session.scalars(database.locked(lost, Purchase.id, Purchase)) if keys else ()
        rows.of(Adoptions).found[root] = list(found)


def _fire(rows: TurnRows, timer: Timer, _at: datetime) -> bool:
    root = rows.root(timer.owner_id)
    found = rows.of(Adoptions).found.pop(root, [])
    for purchase in found:
        purchase.player_id = root
    return bool(found)


TIMERS = {ADOPT: TimerKind(ADOPT, _load, _fire)}
