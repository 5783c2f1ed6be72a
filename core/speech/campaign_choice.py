"""Mean a campaign: where several are played at once, a word turns to one that has what the word asks for."""

from collections.abc import Callable

from core.campaign.live import LiveCampaign
from core.context import Context
from core.models import Player


def played(ctx: Context, *, over: bool = False) -> list[Player]:
    """Whom the sender is in the campaigns that are played here and not over, the one that is meant before the others.

    That one is among them when it is over, too; with ``over`` all are, and those that are not played here any more.
    """
    meant, rows = ctx.campaign, ctx.rows
    here = [each for each in rows.campaigns.values() if over or each.rules.plays_at(ctx.message.place)]
    going_on = [each for each in here if over or each is meant or each.why_closed(ctx.now) != "campaign.over"]
    going_on.sort(key=lambda each: each is not meant)
    mine = [rows.players.get((ctx.address.key, each.id)) for each in going_on]
    return [player for player in mine if player is not None]


def concerning(ctx: Context) -> list[LiveCampaign]:
    """The campaign that is meant, and the others that the sender plays here; none where nothing is played here."""
    if ctx.campaign is None:
        return []
    others = (ctx.rows.campaigns[player.campaign_id] for player in played(ctx))
    return [ctx.campaign, *(each for each in others if each.id != ctx.campaign.id)]


def turn_to(ctx: Context, has: Callable[[LiveCampaign], bool]) -> bool:
    """Mean a campaign that ``has`` it: the one that is meant already, else one that the sender plays, else an open one.

    False, and nothing has changed, when there is none.
    """
    meant = ctx.campaign
    if meant is None or has(meant):
        return meant is not None
    here = (each for each in ctx.rows.campaigns.values() if each.rules.plays_at(ctx.message.place))
    others = [each for each in here if each.state != "ended" and has(each)]
    played = [each for each in others if (ctx.address.key, each.id) in ctx.rows.players]
    open_ones = [each for each in [*played, *others] if each.why_closed(ctx.now) is None]
    found = next(iter([*open_ones, *played]), None)
    if found is not None:
        ctx.campaign = found
    return found is not None
