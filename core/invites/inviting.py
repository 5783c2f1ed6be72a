"""Bring a friend in: by the word that the friend types, or by the friend's number that a player typed."""

from typing import Literal

from core.campaign.live import LiveCampaign
from core.campaign.platforms import invites_on
from core.context import Context
from core.joining import enter, phone_key
from core.models import Player, Recommendation

Taken = Literal["joined", "unknown", "closed", "off", "again", "yourself", "already", "ring"]
Recommended = Literal["waits", "off", "yourself", "already", "again", "ring"]


def take_invite(ctx: Context, word: str) -> Taken:
    """Join the campaign of an invite word, invited by its player.

    Refusals, in order of precedence: "unknown", "closed" (the campaign is not open now), "off" (not here), "again"
    (the word by which the player came), "yourself", "ring" (the word of somebody above in the chain), "already" (joined
    before).
    """
    circles = ctx.rows.circles
    owner = circles.words.get(word)
    inviter = ctx.rows.people.get(ctx.rows.root(owner)) if owner is not None else None
    if inviter is None:
        return "unknown"
    campaign = ctx.rows.campaigns[inviter.campaign_id]
    if campaign.why_closed(ctx.now):
        ctx.campaign = campaign
        return "closed"
    if not invites_on(campaign.rules, ctx.message.channel):
        return "off"
    player = ctx.rows.players.get((ctx.address.key, campaign.id))
    if player is None:
        enter(ctx, campaign, inviter)
        return "joined"
    ctx.campaign = campaign
    invite = circles.invites.get(player.id)
    if invite is not None and ctx.rows.root(invite.inviter_id) == inviter.id:
        return "again"  # the word by which this player came: sent twice, and nothing wrong with it
    return _why_known(ctx, player, inviter.id)


def recommend(ctx: Context, campaign: LiveCampaign, phone: str) -> Recommended:
    """Keep that the sender recommends ``phone`` (E.164): when its owner first writes, the sender is the inviter.

    Refusals, in order of precedence: "off" (not here), "yourself", "ring", "already" (joined before), "again".
    """
    if not invites_on(campaign.rules, ctx.message.channel):
        return "off"
    key = ctx.rows.keys.index("phone", phone)
    if key == phone_key(ctx):
        return "yourself"
    known = ctx.rows.circles.joined_phones.get((key, campaign.id))
    player = enter(ctx, campaign)
    if known is not None:
        return _why_known(ctx, player, ctx.rows.root(known))
    waiting = ctx.rows.circles.recommended.setdefault((key, campaign.id), [])
    if player.id in {ctx.rows.root(inviter) for inviter in waiting}:
        return "again"
    waiting.append(player.id)
    ctx.rows.append(Recommendation, phone_key=key, campaign_id=campaign.id, inviter_id=player.id, at=ctx.now)
    return "waits"


def _why_known(ctx: Context, player: Player, other_id: int) -> Literal["yourself", "ring", "already"]:
    """Why somebody who joined before cannot be invited; a player who tries it with those above is remembered."""
    if other_id == player.id:
        return "yourself"
    if other_id not in ctx.rows.circles.above.get(player.id, ()):
        return "already"
    if (invite := ctx.rows.circles.invites.get(player.id)) is not None:
        invite.ring = True
    return "ring"
