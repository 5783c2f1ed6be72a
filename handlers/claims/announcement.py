"""Claiming: what a winner or buyer is told and asked first."""

from core import questions
from core.context import Context
from core.messages import Reply
from handlers.claims.delivery import begin
from handlers.claims.react import Opened
from handlers.claims.replies import last_minute, told


def announce(ctx: Context) -> list[Reply]:
    """How what was won or bought reaches its player: a voucher, a pick-up code, or the first question of a delivery.

    While another question waits, nothing else is asked: the player is told the word that leads here later.
    """
    opened = ctx.outcome(Opened)
    if opened is None:
        return []
    claim = opened.claim
    if claim.kind != "delivery" or claim.state != "open":
        return [told(ctx.rows, claim, ctx.now)]
    if questions.is_asked(ctx.address, ctx.now):
        return [
            Reply("claim.later", {"deadline": last_minute(ctx.rows.campaigns[claim.campaign_id].rules, claim, ctx.now)})
        ]
    return begin(ctx, claim)
