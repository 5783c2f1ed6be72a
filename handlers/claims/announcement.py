"""Claiming: what a winner or buyer is told and asked first."""

from core import questions
from core.context import Context
from core.messages import Reply
from core.models import Player
from handlers.claims.delivery import begin
from handlers.claims.replies import last_minute, told
from handlers.claims.tables import Claim


def announce(ctx: Context, player: Player, claim: Claim | None) -> list[Reply]:
    """How ``claim`` reaches its player: a voucher, a pick-up code, or the first question of a delivery.

    While another question waits, nothing else is asked: the player is told the word that leads here later.
    """
    if claim is None:
        return []
    if claim.kind != "delivery" or claim.state != "open":
        return [told(ctx.rows, claim, ctx.now)]
    if questions.is_asked(player, ctx.now):
        return [Reply("claim.later", {"deadline": last_minute(ctx.rows.campaigns[claim.campaign_id].rules, claim)})]
    return begin(ctx, player, claim)
