"""Draws: what a code has won, or brought where it won nothing."""

from core.context import Context
from core.messages import Reply
from handlers.draws.play import Drawn


def say(ctx: Context) -> list[Reply]:
    """What came of the roll for the code that was redeemed by this message, if there was one."""
    drawn = ctx.outcome(Drawn)
    if drawn is None:
        return []
    if drawn.prize is not None:
        return [Reply("redeem.won", {"prize": drawn.prize.title.model_dump(), "balance": drawn.balance})]
    if not drawn.points:
        return [Reply("redeem.nothing")]
    return [Reply("redeem.points", {"points": drawn.points, "balance": drawn.balance})]
