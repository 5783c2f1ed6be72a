"""Redeem one code: the rules in their order, on rows that the turn has locked."""

from dataclasses import dataclass
from typing import Literal

from core.campaign.live import LiveCampaign
from core.campaign.rules import CodeRules
from core.context import EVERYBODY, Context
from core.follow_ups.planting import plant
from core.joining import enter
from core.models import Player, Redemption

Reason = Literal["locked", "elsewhere", "unknown", "closed", "used_by_you", "used", "limit"]


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The code is this player's now."""

    code_hash: bytes
    player: Player


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing changed, except that an unknown code counted as a wrong guess of its sender."""

    reason: Reason


def redeem(ctx: Context, code: str) -> Redeemed | Refused:
    """Use ``code`` (normalised) for the sender.

    Refusals, in order of precedence: "locked" (too many wrong codes today), "elsewhere" (the sender plays its campaign,
    which is not played at this account any more), "unknown" (no such code, its batch is not active, or its campaign is
    not played at this account: one answer for all), "closed" (the campaign is not open
    now), "used_by_you", "used", "limit" (enough codes today). Exactly one sender ever gets Redeemed for a code: its
    row is locked, and the redemption has the hash as primary key.
    """
    code_hash = ctx.rows.code_hash(code)
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
    if (user := ctx.rows.used_by.get(code_hash)) is not None:
        return Refused("used_by_you" if ctx.player is not None and ctx.player.id == user else "used")
    player = enter(ctx, campaign)
    if player.active_on is None:
        plant(ctx.rows, campaign, player.id, "first code", ctx.now)
    _begin_day(ctx, player)
    if player.redeemed_today >= campaign.rules.codes.per_player_per_day:
        return Refused("limit")
    player.redeemed_today += 1
    ctx.rows.used_by[code_hash] = player.id
    ctx.rows.append(
        Redemption,
        code_hash=code_hash,
        campaign_id=campaign.id,
        player_id=player.id,
        counted_on=player.active_on,
        at=ctx.now,
    )
    return Redeemed(code_hash, player)


def played_by(ctx: Context, code: str) -> LiveCampaign | None:
    """The campaign in which ``code`` counts at this account; None for one that nobody may learn to exist."""
    found = ctx.rows.codes.get(ctx.rows.code_hash(code))
    return campaign_of(ctx, code) if found and found.batch_state == "active" else None


def campaign_of(ctx: Context, code: str) -> LiveCampaign | None:
    """The campaign of ``code``, also while it does not count; None where that is not played at this account."""
    found = ctx.rows.codes.get(ctx.rows.code_hash(code))
    campaign = ctx.rows.campaigns[found.campaign_id] if found else None
    return campaign if campaign and campaign.rules.plays_at(ctx.message.place) else None


def _left(ctx: Context, code: str) -> LiveCampaign | None:
    """The campaign of ``code``, which the sender plays, where it is not played at this account any more."""
    found = ctx.rows.codes.get(ctx.rows.code_hash(code))
    plays = found is not None and (ctx.address.key, found.campaign_id) in ctx.rows.players
    return ctx.rows.campaigns[found.campaign_id] if found and plays and found.batch_state == "active" else None


def _begin_day(ctx: Context, player: Player) -> None:
    today = ctx.today()
    if player.active_on is None or player.active_on < today:
        player.active_on, player.redeemed_today, player.drawn_today = today, 0, 0


def _tries_allowed(ctx: Context) -> int:
    """Under attack everybody has fewer tries, so nobody honest is locked out and many senders gain little."""
    wrong, limits = ctx.rows.wrong, ctx.campaign.rules.codes if ctx.campaign else CodeRules()
    attacked = wrong.get(EVERYBODY, 0) >= ctx.rows.wrong_per_hour or (
        ctx.campaign is not None and wrong.get(ctx.campaign.id, 0) >= limits.wrong_tries_per_hour
    )
    return min(limits.wrong_tries_under_attack, limits.wrong_tries_per_day) if attacked else limits.wrong_tries_per_day


def locked_out(ctx: Context) -> bool:
    """Whether the sender has had too many wrong codes and words today."""
    address, today = ctx.address, ctx.today()
    if address.wrong_on is None or address.wrong_on < today:
        return False
    return address.wrong_tries >= _tries_allowed(ctx)


def count_wrong_guess(ctx: Context, length: int) -> None:
    """Count against the sender, and against every campaign here whose codes look like this one."""
    address, today = ctx.address, ctx.today()
    if address.wrong_on is None or address.wrong_on < today:
        address.wrong_on, address.wrong_tries = today, 0
    address.wrong_tries += 1
    meant = {
        campaign.id
        for campaign in ctx.rows.campaigns.values()
        if campaign.rules.plays_at(ctx.message.place) and length in {shape[0] for shape in campaign.shapes}
    }
    for scope in {EVERYBODY, *meant}:
        ctx.rows.wrong[scope] = ctx.rows.wrong.get(scope, 0) + 1
        ctx.rows.new_wrong[scope] += 1
