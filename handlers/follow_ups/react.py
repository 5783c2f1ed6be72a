"""Plant follow-ups: a timer each, in the transaction of the event that they are counted from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.campaign.follow_ups import Event
from core.campaign.live import LiveCampaign
from core.context import TurnRows
from core.events import Joined, Reaction
from core.timers.setting import set_timer
from handlers.codes.events import Redeemed
from handlers.draws.events import Won
from handlers.relay.events import Lit, WentOut
from handlers.relay.tables import Torch

FOLLOW_UP = "follow-up"


def plant(
    rows: TurnRows, campaign: LiveCampaign, owner_id: int, event: Event, at: datetime, *, number: int = 1
) -> None:
    """Plant every follow-up that counts from ``event``, which happened to the player ``owner_id`` at ``at``.

    An event that may happen again to one player has a ``number``, each time another (a torch's; the count of wins):
    planted twice for the same one, a timer breaks its primary key and the turn is taken again.
    """
    for follow_up in campaign.rules.follow_ups or ():
        if follow_up.when.event == event:
            set_timer(
                rows,
                owner_id,
                FOLLOW_UP,
                subject=subject_of(follow_up.name, event),
                occurrence=number,
                due_at=at + follow_up.when.after,
                since=at,
            )


def _joined(rows: TurnRows, joined: Joined) -> None:
    """Plant what counts from the first contact, and from the last word, which is the first one so far."""
    player, at = joined.player, joined.message.received_at
    events: tuple[Event, ...] = ("first contact", "last word")
    for event in events:
        plant(rows, rows.campaigns[player.campaign_id], player.id, event, at)


def _redeemed(rows: TurnRows, redeemed: Redeemed) -> None:
    if redeemed.first:
        player = redeemed.player
        plant(rows, rows.campaigns[player.campaign_id], player.id, "first code", redeemed.at)


def _won(rows: TurnRows, won: Won) -> None:
    plant(rows, rows.campaigns[won.player.campaign_id], won.player.id, "win", won.at, number=won.number)


def _lit(rows: TurnRows, lit: Lit) -> None:
    _torch(rows, lit.torch, "torch lit", lit.at)


def _went_out(rows: TurnRows, out: WentOut) -> None:
    _torch(rows, out.torch, "torch out", out.at)


def _torch(rows: TurnRows, torch: Torch, event: Event, at: datetime) -> None:
    plant(rows, rows.campaigns[torch.campaign_id], torch.player_id, event, at, number=torch.number)


REACTIONS: Mapping[type[Any], Reaction] = {
    Joined: _joined,
    Redeemed: _redeemed,
    Won: _won,
    Lit: _lit,
    WentOut: _went_out,
}


def subject_of(name: str, event: Event) -> str:
    """The subject of a follow-up's timers; a name that counts from another event in a later version is another one."""
    return f"{name}:{event}"
