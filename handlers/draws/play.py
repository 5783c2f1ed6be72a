"""Draw for one redemption: roll, choose a prize in stock, hand it out, keep all that a recount needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core import ledger
from core.campaign.live import LiveCampaign
from core.context import TurnRows
from core.events import Merged
from core.models import Player
from handlers.codes import Redeemed
from handlers.draws.events import Won
from handlers.draws.load import DrawRows, roll
from handlers.draws.lottery import Chances, stock_seen
from handlers.draws.rules import PrizeRules
from handlers.draws.tables import Draw


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a code brought: ``prize``, or ``points`` where it won none; and the ``balance`` after it."""

    prize: PrizeRules | None
    points: int
    balance: int


def draw(rows: TurnRows, redeemed: Redeemed) -> Drawn | None:
    """Roll for a code, and credit what it earns where it wins nothing; None where the campaign has no draw."""
    player = redeemed.player
    campaign = rows.campaigns[player.campaign_id]
    chances = Chances.of(campaign.published)
    if chances is None:
        return None
    prize = _rolled(rows, campaign, chances, redeemed)
    if prize is not None:
        ref = f"won:{redeemed.code_hash.hex()}"
        win(rows, player, prize, source="draw", ref=ref, at=redeemed.at)
        return Drawn(prize, 0, player.points)
    points = chances.rules.otherwise or 0
    if points:
        ref = f"code:{redeemed.code_hash.hex()}"
        ledger.award(rows, player, points, ref=ref, reason="code", at=redeemed.at)
    return Drawn(None, points, player.points)


def _rolled(rows: TurnRows, campaign: LiveCampaign, chances: Chances, redeemed: Redeemed) -> PrizeRules | None:
    """The prize that a code wins; None when it wins nothing or the player's rolls or wins are used up.

    The stock was locked by the turn, which locks it whenever a roll in it could win at the highest odds.
    """
    player = redeemed.player
    if not _may_roll(chances, player):
        return None
    player.drawn_today += 1
    rolled = roll(rows, redeemed.code_hash, campaign.published)
    odds = chances.odds(player.points)
    prize, seen = None, None
    if odds.won_by(rolled.value):
        left = {p.name: rows.of(DrawRows).prizes[campaign.id, p.name].stock_left for p in chances.rules.prizes}
        stock = chances.in_stock(left, redeemed.at)
        prize, seen = chances.choose(rolled.pick, stock), stock_seen(stock)
    rows.append(
        Draw,
        code_hash=redeemed.code_hash,
        campaign_id=campaign.id,
        version=campaign.published.version,
        player_id=player.id,
        roll=f"{rolled.value:016x}",
        odds=odds.wins,
        odds_in=odds.of,
        points_seen=player.points,
        stock_seen=seen,
        prize=prize.name if prize else None,
        at=redeemed.at,
    )
    return prize


def win(
    rows: TurnRows, player: Player, prize: PrizeRules, *, source: Literal["draw", "second"], ref: str, at: datetime
) -> None:
    """Hand out a piece of ``prize``, whose stock is locked, to ``player``."""
    player.wins += 1
    row = rows.of(DrawRows).prizes[player.campaign_id, prize.name]
    ledger.hand_out(rows, row, player, ref=ref, reason="won", at=at)
    rows.happened(Won(prize, player, player.wins, source, ref, at))


def inherit(_rows: TurnRows, merged: Merged) -> None:
    """Who is two players' one has won as often as both."""
    older, younger = merged.older, merged.younger
    older.wins += younger.wins


def _may_roll(chances: Chances, player: Player) -> bool:
    rules = chances.rules
    if rules.per_player_per_day is not None and player.drawn_today >= rules.per_player_per_day:
        return False
    return rules.wins_per_player is None or player.wins < rules.wins_per_player
