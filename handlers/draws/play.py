"""Draw for one redemption: roll, choose a prize in stock, hand it out, keep all that a recount needs."""

from dataclasses import dataclass
from datetime import datetime

from core import ledger
from core.campaign.prizes import PrizeRules
from core.context import Context
from core.models import Player
from handlers.codes.play import Redeemed
from handlers.draws.load import DrawRows, roll
from handlers.draws.lottery import Chances, stock_seen
from handlers.draws.tables import Draw


@dataclass(frozen=True, slots=True)
class Won:
    """The roll won ``prize``; one piece of it has left the stock."""

    prize: PrizeRules
    player: Player
    number: int
    """How many the player has won by now."""
    at: datetime


def draw(ctx: Context, redemption: Redeemed) -> Won | None:
    """Roll for ``redemption``; None when it won nothing or the player's rolls or wins are used up.

    The stock was locked by the turn, which locks it whenever a roll in it could win at the highest odds.
    """
    campaign, player = ctx.campaign, redemption.player
    assert campaign is not None
    chances = Chances.of(campaign.published)
    if chances is None or not _may_roll(chances, redemption):
        return None
    player.drawn_today += 1
    rolled = roll(ctx.rows, redemption.code_hash, campaign.published)
    odds = chances.odds(player.points)
    prize, seen = None, None
    if odds.won_by(rolled.value):
        left = {p.name: ctx.rows.of(DrawRows).prizes[campaign.id, p.name].stock_left for p in chances.rules.prizes}
        stock = chances.in_stock(left, ctx.now)
        prize, seen = chances.choose(rolled.pick, stock), stock_seen(stock)
    ctx.rows.append(
        Draw,
        code_hash=redemption.code_hash,
        campaign_id=campaign.id,
        version=campaign.published.version,
        player_id=player.id,
        roll=f"{rolled.value:016x}",
        odds=odds.wins,
        odds_in=odds.of,
        points_seen=player.points,
        stock_seen=seen,
        prize=prize.name if prize else None,
        at=ctx.now,
    )
    if prize is None:
        return None
    player.wins += 1
    row = ctx.rows.of(DrawRows).prizes[campaign.id, prize.name]
    ledger.hand_out(ctx.rows, row, player, ref=f"won:{redemption.code_hash.hex()}", reason="won", at=ctx.now)
    won = Won(prize, player, player.wins, ctx.now)
    ctx.happened(won)
    return won


def _may_roll(chances: Chances, redemption: Redeemed) -> bool:
    rules, player = chances.rules, redemption.player
    if rules.per_player_per_day is not None and player.drawn_today >= rules.per_player_per_day:
        return False
    return rules.wins_per_player is None or player.wins < rules.wins_per_player
