"""Join: an address enters a campaign, and its first join makes a player."""

from core import bulk
from core.campaign.live import LiveCampaign
from core.context import Context
from core.events import Joined
from core.models import Join, Player
from core.scenes import count_join


def enter(ctx: Context, campaign: LiveCampaign, inviter: Player | None = None) -> Player:
    """Turn to ``campaign``, joining it when this address has not: returns its player.

    ``inviter`` is whose word it came by.
    """
    ctx.campaign = campaign
    if ctx.address.campaign_id != campaign.id:
        ctx.address.campaign_id = campaign.id
    if (player := ctx.player) is not None:
        return player
    player = _new_player(ctx, campaign)
    rows = ctx.rows
    rows.people[player.id], rows.preferred_addresses[player.id] = player, ctx.address
    mine = sorted({ctx.address.key, *rows.persons.get(ctx.address.person or b"", ())})
    for key in mine:
        rows.players[key, campaign.id] = player
        rows.append(Join, address_key=key, campaign_id=campaign.id, player_id=player.id, joined_at=ctx.now)
    count_join(ctx)
    ctx.rows.happened(Joined(player, inviter, ctx.address, ctx.message))
    ctx.address.scanned = None
    return player


def _new_player(ctx: Context, campaign: LiveCampaign) -> Player:
    player = bulk.fresh(
        Player,
        id=ctx.rows.new_id(ctx.now),
        campaign_id=campaign.id,
        channel=ctx.address.channel,
        points=0,
        points_expire_at=None,
        redeemed_on=None,
        redeemed_today=0,
        drawn_today=0,
        wins=0,
        joined_at=ctx.now,
        invite_word=None,
        rewarded_on=None,
        rewarded_today=0,
        merged_into=None,
        name_sealed=None,
        name_waiting_sealed=None,
        name_waiting_at=None,
        name_decided_by=None,
        name_decided_at=None,
    )
    ctx.rows.add(player)
    return player
