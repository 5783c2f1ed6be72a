"""Draws: what a code has won, or brought where it won nothing."""

from collections.abc import Mapping, Sequence

from core.campaign.live import LiveCampaign
from core.context import Context
from core.messages import Reply, Told
from core.places import Place
from core.texts.formats import Amount, Odds, Percent
from handlers.draws.play import Drawn
from handlers.draws.rules import DrawRules

_WHOLE_PERCENT = 100


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


def terms(campaign: LiveCampaign, _place: Place) -> Mapping[str, Sequence[Reply]]:
    """The odds, every prize, and what the draw is committed to."""
    draw = campaign.rules.section(DrawRules)
    if draw is None:
        return {"odds": (), "prizes": (), "commitment": ()}
    lines = tuple(
        Reply(
            "rules.prize",
            {
                "title": prize.title.model_dump(),
                "value": Amount(prize.value.cents, prize.value.currency),
                "stock": prize.stock,
            },
        )
        for prize in draw.prizes
    )
    return {
        "odds": (_odds(draw),),
        "prizes": (Reply("rules.prizes", {"lines": lines}),),
        "commitment": _commitment(campaign),
    }


def _odds(draw: DrawRules) -> Reply:
    boost: tuple[Reply, ...] = ()
    if draw.boost:
        shown: dict[str, int | Told] = {
            "every": draw.boost.every,
            "adds": draw.boost.adds,
            "at_most": draw.boost.at_most,
        }
        shown["raises"] = Percent(draw.odds * draw.boost.adds / _WHOLE_PERCENT)
        shown["highest"] = Percent(draw.highest_odds())
        boost = (Reply("rules.boost", shown),)
    key = "rules.odds" if draw.consoles else "rules.odds_only"
    return Reply(key, {"odds": Odds(draw.odds), "points": draw.consoles, "boost": boost})


def _commitment(campaign: LiveCampaign) -> Sequence[Reply]:
    published = campaign.published
    lines = [Reply("rules.commitment", {"commitment": published.seed_commitment, "rules_hash": published.rules_hash})]
    if campaign.revealed:
        lines.append(Reply("rules.revealed", {"seed": published.seed.hex()}))
    return lines
