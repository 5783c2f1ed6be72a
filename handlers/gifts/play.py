"""Gifts: exchange points for one, if it is there and the player may."""

from dataclasses import dataclass
from typing import Literal

from core import ledger
from core.context import Context
from core.models import Player
from handlers.gifts.events import Bought
from handlers.gifts.load import GiftRows
from handlers.gifts.rules import GiftRules

Reason = Literal["closed", "gone", "limit", "poor"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changed."""

    reason: Reason


def exchange(ctx: Context, player: Player, gift: GiftRules) -> Bought | Refused:
    """Give ``player`` one piece of ``gift`` for its price.

    Refusals, in order of precedence: "closed" (the campaign is not open now), "gone" (no stock), "limit" (the player
    has as many as one may), "poor" (too few points). The stock and the player are locked.
    """
    if (reason := why_not(ctx, player, gift)) is not None:
        return Refused(reason)
    rows, now = ctx.rows, ctx.now
    number = rows.new_id(now)
    ledger.take(rows, player, gift.price, to="gifts", ref=f"gift:{number}", reason="gift", at=now)
    ref = f"given:{number}"
    ledger.hand_out(
        rows, rows.of(GiftRows).gifts[player.campaign_id, gift.name], player, ref=ref, reason="gift", at=now
    )
    bought = Bought(player, gift, number, ref, now)
    rows.happened(bought)
    return bought


def why_not(ctx: Context, player: Player, gift: GiftRules) -> Reason | None:
    """Why ``player`` cannot have ``gift`` now, in order of precedence; None when nothing stands against it."""
    campaign = ctx.rows.campaigns[player.campaign_id]
    if campaign.why_closed(ctx.now):
        return "closed"
    if left(ctx, player.campaign_id, gift) <= 0:
        return "gone"
    if gift.per_player is not None and taken(ctx, player, gift) >= gift.per_player:
        return "limit"
    return "poor" if player.points < gift.price else None


def left(ctx: Context, campaign_id: int, gift: GiftRules) -> int:
    """How many pieces of ``gift`` are left."""
    stock = ctx.rows.of(GiftRows).gifts.get((campaign_id, gift.name))
    return stock.stock_left if stock else 0


def taken(ctx: Context, player: Player, gift: GiftRules) -> int:
    """How many pieces of ``gift`` the player has, those given back not counted."""
    return ctx.rows.of(GiftRows).taken(player.id, gift.name)
