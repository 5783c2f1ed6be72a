"""Points: the balance, what it does for the odds, when it expires, and the latest movements."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply
from core.models import Player
from core.movements import Movement
from core.speech.campaign_choice import played
from core.speech.closed import resting
from core.speech.keywords import Means
from core.texts.formats import Day, Percent
from handlers.draws import Chances

_LINES = 5
_WHOLE_PERCENT = 100


@dataclass(frozen=True, slots=True)
class ShowPoints:
    """The player asks for the points."""

    requires = Requires(history=True)


def show_points(ctx: Context, _intent: ShowPoints) -> list[Reply]:
    """Answer for the campaign that is meant, and for each other one in which the player has points.

    Where the player has none in the one that is meant, and some in others, it is those that are told.
    """
    if ctx.campaign is None:
        return [Reply("campaign.none")]
    having = [player for player in played(ctx) if player.points]
    meant = ctx.player if ctx.player in having or not having else having[0]
    told = [each for each in having if each is not meant]
    if meant is None:
        return [_balance(ctx, ctx.campaign, None), *resting(ctx)]
    shown = (_balance(ctx, ctx.rows.campaigns[each.campaign_id], each) for each in [meant, *told])
    return [*shown, *resting(ctx)]


def _balance(ctx: Context, campaign: LiveCampaign, player: Player | None) -> Reply:
    """Balance, boost, expiry and history, each only where there is one."""
    published = campaign.published
    balance = player.points if player else 0
    history = ctx.rows.movements.get(player.id, [])[-_LINES:] if player else []
    boost: tuple[Reply, ...] = ()
    chances = Chances.of(published)
    if chances and chances.boosted_percent(balance) > _WHOLE_PERCENT:
        base, percent = chances.rules.odds, chances.boosted_percent(balance)
        odds = {"odds": Percent(base * percent / _WHOLE_PERCENT), "base": Percent(base)}
        boost = (Reply("points.boost", {**odds, "percent": percent}),)
    expiry: tuple[Reply, ...] = ()
    if player and player.points and player.points_expire_at:
        last_day = Day(player.points_expire_at - timedelta(seconds=1), published.rules.zone, ctx.now)
        expiry = (Reply("points.expiry", {"day": last_day}),)
    lines = tuple(_line(campaign, movement, ctx.now) for movement in reversed(history))
    return Reply(
        "points.balance",
        {
            "title": published.rules.title.model_dump(),
            "balance": balance,
            "boost": boost,
            "expiry": expiry,
            "history": (Reply("points.history", {"lines": lines}),) if lines else (),
        },
        campaign_id=campaign.id,
    )


def _line(campaign: LiveCampaign, movement: Movement, now: datetime) -> Reply:
    return Reply(
        "points.line_in" if movement.points > 0 else "points.line_out",
        {
            "day": Day(movement.at, campaign.rules.zone, now),
            "points": abs(movement.points),
            "reason": (Reply(f"points.reason.{movement.reason}"),),
        },
    )


ROUTE = Route(
    "points",
    Means(
        ShowPoints(),
        "points",
        "my points",
        "point",
        "how many points do i have",
        "我有多少积分",
        "balance",
        "score",
        "history",
        "积分",
        "我的积分",
        "查积分",
        "积分查询",
        "余额",
        asked="points",
    ),
    show_points,
)
