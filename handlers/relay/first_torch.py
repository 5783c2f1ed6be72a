"""Earn a first torch without a friend: by a code, or among the first who ask on a day."""

from typing import NamedTuple

from core.context import Context, TurnRows
from core.models import Player
from core.times import local_day
from handlers.codes import Redeemed
from handlers.invites import InviteRows
from handlers.relay.load import RelayRows
from handlers.relay.rules import RelayRules, relay_on
from handlers.relay.tables import QuotaDay, Torch
from handlers.relay.torches import grant, latest


class Earned(NamedTuple):
    """A code brought the ``torch``."""

    torch: Torch


def earn_by_code(rows: TurnRows, redeemed: Redeemed) -> Earned | None:
    """Give a player a first torch for a code, where the file says so; from whoever brought the player in, if any."""
    player = redeemed.player
    rules = rows.campaigns[player.campaign_id].rules
    relay = rules.section(RelayRules)
    if relay is None or "code" not in relay.qualify or not relay_on(rules, redeemed.place):
        return None
    if rows.of(RelayRows).torches.get(player.id):
        return None
    invite = rows.of(InviteRows).invites.get(player.id)
    passer = rows.people.get(rows.root(invite.inviter_id)) if invite else None
    parent = latest(rows, passer, invite.joined_at) if passer and invite else None
    return Earned(grant(rows, player, "code", redeemed.at, parent))


def take_from_quota(ctx: Context, player: Player) -> bool:
    """Give ``player`` one of the torches of the day's quota; False when there is none left. The day's row is locked."""
    relay = ctx.rows.campaigns[player.campaign_id].rules.section(RelayRules)
    assert relay is not None
    quota = quota_of(ctx, player.campaign_id)
    if quota is None or relay.quota_per_day is None or quota.taken >= relay.quota_per_day:
        return False
    quota.taken += 1
    grant(ctx.rows, player, "quota", ctx.now)
    return True


def quota_of(ctx: Context, campaign_id: int) -> QuotaDay | None:
    """The locked row of the campaign's day."""
    zone = ctx.rows.campaigns[campaign_id].rules.zone
    return ctx.rows.of(RelayRows).quotas.get((campaign_id, local_day(ctx.now, zone)))
