"""Redeem one code: the rules in their order, on rows that the turn has locked."""

from dataclasses import dataclass
from typing import Literal

from core import ledger
from core.campaign.live import LiveCampaign
from core.context import Context
from core.guesses import count_wrong_guess, locked_out
from core.joins import enter
from core.models import Player
from handlers.codes.events import Redeemed
from handlers.codes.load import CodeRows, code_hash, found_code, played_by
from handlers.codes.rules import CodeRules
from handlers.codes.tables import Redemption

Reason = Literal["locked", "elsewhere", "unknown", "closed", "used_by_you", "used", "limit"]


@dataclass(frozen=True, slots=True)
class Counted:
    """The code is the sender's now, who had ``points`` for it and then a ``balance``.

    Those are what a code alone brings, where none is drawn for; all else that it brings is made of what happened.
    """

    points: int
    balance: int


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changed, except that an unknown code counted as a wrong guess of its sender."""

    reason: Reason


def redeem(ctx: Context, code: str) -> Counted | Refused:
    """Use ``code`` (normalised) for the sender.

    Refusals, in order of precedence: "locked" (too many wrong codes today), "elsewhere" (the sender plays its campaign,
    which is not played at this account any more), "unknown" (no such code, its batch is not active, or its campaign is
    not played at this account: one answer for all), "closed" (the campaign is not open
    now), "used_by_you", "used", "limit" (enough codes today). Exactly one sender ever gets Counted for a code: its
    row is locked, and the redemption has the hash as primary key.
    """
    mine, hashed = ctx.rows.of(CodeRows), code_hash(ctx.rows, code)
    if locked_out(ctx):
        return Refused("locked")
    campaign = played_by(ctx, code)
    if campaign is None:
        if (left := _left(ctx, code)) is None:
            count_wrong_guess(ctx, len(code))
        ctx.campaign = left or ctx.campaign
        return Refused("elsewhere" if left else "unknown")
    ctx.campaign = campaign
    if campaign.why_closed(ctx.now):
        return Refused("closed")
    if (user := mine.used_by.get(hashed)) is not None:
        return Refused("used_by_you" if ctx.player is not None and ctx.player.id == user else "used")
    player = enter(ctx, campaign)
    first = player.redeemed_on is None
    _begin_day(ctx, player)
    if player.redeemed_today >= campaign.rules.section(CodeRules).per_player_per_day:
        return Refused("limit")
    player.redeemed_today += 1
    mine.used_by[hashed] = player.id
    ctx.rows.gains += 1
    ctx.rows.append(
        Redemption,
        code_hash=hashed,
        campaign_id=campaign.id,
        player_id=player.id,
        counted_on=player.redeemed_on,
        at=ctx.now,
    )
    counted = Counted(_earn(ctx, campaign, player, hashed), player.points)
    ctx.rows.happened(Redeemed(hashed, player, first, ctx.message.place, ctx.now))
    return counted


def _earn(ctx: Context, campaign: LiveCampaign, player: Player, hashed: bytes) -> int:
    """Credit what a code brings where none is drawn for; returns how much."""
    points = campaign.rules.points.earn
    if campaign.rules.wins or not points:
        return 0
    ledger.award(ctx.rows, player, points, ref=f"code:{hashed.hex()}", reason="code", at=ctx.now)
    return points


def _left(ctx: Context, code: str) -> LiveCampaign | None:
    """The campaign of ``code``, which the sender plays, where it is not played at this account any more."""
    found = found_code(ctx.rows, code)
    plays = found is not None and (ctx.address.key, found.campaign_id) in ctx.rows.players
    return ctx.rows.campaigns[found.campaign_id] if found and plays and found.batch_state == "active" else None


def _begin_day(ctx: Context, player: Player) -> None:
    today = ctx.today()
    if player.redeemed_on is None or player.redeemed_on < today:
        player.redeemed_on, player.redeemed_today, player.drawn_today = today, 0, 0
