"""Bring a friend in: by the word that the friend types, or by the friend's number that a player typed."""

from typing import Literal

from core.campaign.live import LiveCampaign
from core.campaign.platforms import asks_word, friends_on
from core.context import Context
from core.joins import enter
from core.models import Player
from handlers.invites.load import InviteRows, owner_of
from handlers.invites.react import phone_key
from handlers.invites.rules import recommended_per_day
from handlers.invites.tables import Recommendation

Taken = Literal["joined", "type", "unknown", "closed", "off", "again", "yourself", "already", "ring"]
Recommended = Literal["waits", "off", "yourself", "already", "again", "ring", "enough"]


def take_invite(ctx: Context, word: str) -> Taken:
    """Join the campaign of an invite word, invited by its player; "type" when it counts with a typed word only.

    Refusals, in order of precedence: "unknown" (here), "closed" (the campaign is not open now), "off" (not here),
    "again" (the word by which the player came), "yourself", "ring" (the word of somebody further down), "already".
    """
    mine, inviter = ctx.rows.of(InviteRows), owner_of(ctx, word)
    if inviter is None:
        return "unknown"
    campaign = ctx.rows.campaigns[inviter.campaign_id]
    if campaign.why_closed(ctx.now):
        ctx.campaign = campaign
        return "closed"
    if not friends_on(campaign.rules, ctx.message.place):
        return "off"
    player = ctx.rows.players.get((ctx.address.key, campaign.id))
    if player is None and not ctx.message.typed and asks_word(campaign.rules, ctx.message.place):
        ctx.campaign, ctx.address.scanned, mine.scanned[ctx.address.key] = campaign, word, word
        return "type"
    if player is None:
        enter(ctx, campaign, inviter)
        return "joined"
    ctx.campaign = campaign
    return _why_not_new(ctx, player, inviter)


def _why_not_new(ctx: Context, player: Player, inviter: Player) -> Taken:
    """Why a player who has joined is not brought in by the word of ``inviter``."""
    if _came_by(ctx, player, inviter.id):
        return "again"  # sent twice, and nothing wrong with it
    if inviter.id == player.id:
        return "yourself"
    if _came_by(ctx, inviter, player.id):
        return "already"  # a friend's own word, tried out
    return "ring" if _closes_ring(ctx, inviter, player.id) else "already"


def recommend(ctx: Context, campaign: LiveCampaign, phone: str) -> Recommended:
    """Keep that the sender recommends ``phone`` (E.164): when its owner first writes, the sender is the inviter.

    Refusals, in order of precedence: "off" (not here), "yourself", "ring", "already" (joined before), "again", "enough"
    (as many in 24 hours as one may).
    """
    if not friends_on(campaign.rules, ctx.message.place):
        return "off"
    key = ctx.rows.keys.index("phone", phone)
    if key == phone_key(ctx.rows, ctx.message.user):
        return "yourself"
    player = enter(ctx, campaign)  # which tells the phones of a linked person
    known = ctx.rows.of(InviteRows).joined_phones.get((key, campaign.id))
    if known is not None and ctx.rows.root(known) == player.id:
        return "yourself"
    if known is not None:
        return "ring" if _closes_ring(ctx, player, ctx.rows.root(known)) else "already"
    return _keep(ctx, campaign, player, key)


def _keep(ctx: Context, campaign: LiveCampaign, player: Player, key: bytes) -> Recommended:
    """Keep a recommendation of a phone that has not joined."""
    mine = ctx.rows.of(InviteRows)
    waiting = mine.recommended.setdefault((key, campaign.id), [])
    if player.id in {ctx.rows.root(inviter) for inviter in waiting}:
        return "again"
    if mine.recommending.get(player.id, 0) >= recommended_per_day(campaign.rules):
        return "enough"
    mine.recommending[player.id] = mine.recommending.get(player.id, 0) + 1
    waiting.append(player.id)
    ctx.rows.append(Recommendation, phone_key=key, campaign_id=campaign.id, inviter_id=player.id, at=ctx.now)
    return "waits"


def _came_by(ctx: Context, friend: Player, inviter_id: int) -> bool:
    invite = ctx.rows.of(InviteRows).invites.get(friend.id)
    return invite is not None and ctx.rows.root(invite.inviter_id) == inviter_id


def _closes_ring(ctx: Context, inviter: Player, friend_id: int) -> bool:
    """Whether ``inviter`` would bring in somebody above in the same chain: tried with intent, it is remembered."""
    above = {ctx.rows.root(each) for each in ctx.rows.of(InviteRows).above.get(inviter.id, ())}
    if friend_id not in above:
        return False
    if (invite := ctx.rows.of(InviteRows).invites.get(inviter.id)) is not None:
        invite.ring = True
    return True
