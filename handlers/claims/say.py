"""Prizes: what the player has won or bought, where each piece stands, and what it still needs."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from core import questions
from core.campaign.live import LiveCampaign
from core.campaign.rules import Rules
from core.context import Context
from core.engine.routes import Prompt, Route
from core.messages import Reply
from core.places import Place
from core.speech.answers import number_in
from core.speech.campaign_choice import played
from core.speech.choices import answer
from core.speech.keywords import Means
from core.texts.formats import Length
from handlers.claims.delivery import begin
from handlers.claims.details import is_editable, is_late
from handlers.claims.load import BEGUN_BY, CLAIMS, ClaimRows
from handlers.claims.play import title_of
from handlers.claims.replies import last_minute, told
from handlers.claims.rules import ClaimRules, has_claims
from handlers.claims.tables import Claim

PATIENCE = timedelta(minutes=30)
_SHOWN = 9


@dataclass(frozen=True, slots=True)
class ShowPrizes:
    """The player asks for the own prizes and gifts."""

    requires = CLAIMS


def show_prizes(ctx: Context, _intent: ShowPrizes) -> list[Reply]:
    """Answer with the list, or at once with the only one."""
    mine = _mine(ctx)
    if not mine:
        return [Reply("campaign.none" if ctx.campaign is None else "prizes.none")]
    if ctx.player is None or len(mine) == 1:
        ctx.campaign = ctx.rows.campaigns[mine[0].campaign_id]
    assert ctx.player is not None
    if len(mine) == 1:
        return _look_after(ctx, mine[0])
    return _ask(ctx, mine)


def _mine(ctx: Context) -> list[Claim]:
    """The player's claims in all that was ever played here: those that wait for them, then others, newest first."""
    claims = [claim for player in played(ctx, over=True) for claim in ctx.rows.of(ClaimRows).claims.get(player.id, ())]
    return sorted(claims, key=lambda claim: (claim.state != "open", -claim.id))[:_SHOWN]


def _ask(ctx: Context, mine: Sequence[Claim]) -> list[Reply]:
    about = _order(mine)
    questions.ask(ctx, CHOOSE, about)
    return _put(ctx, about)


def _order(mine: Sequence[Claim]) -> str:
    """Another one for each other list, or order of it: the numbers mean something else then."""
    return hashlib.sha256(" ".join(str(claim.id) for claim in mine).encode()).hexdigest()[:16]


def _put(ctx: Context, _about: str) -> list[Reply]:
    mine = _titled(ctx, _mine(ctx))
    lines = [
        Reply("prizes.line", {"number": number, "item": title, "state": (_state(ctx, claim),)})
        for number, (claim, title) in enumerate(mine, start=1)
    ]
    choices = [answer(ctx, number, title, listed=True) for number, (_, title) in enumerate(mine, start=1)]
    return [Reply("prizes.choose", {"lines": tuple(lines)}, tuple(choices))]


def _titled(ctx: Context, claims: Sequence[Claim]) -> list[tuple[Claim, Mapping[str, str]]]:
    """Each with its title, behind which its campaign's stands where another campaign has one of the same title."""
    rules = [ctx.rows.campaigns[claim.campaign_id].rules for claim in claims]
    titles = [title_of(its, claim) for its, claim in zip(rules, claims, strict=True)]
    shared = {
        (language, title)
        for (its, one), (others, another) in combinations(zip(rules, titles, strict=True), 2)
        for language, title in one.items() & another.items()
        if its is not others
    }
    return [
        (claim, {key: _whose(its, key, said) if (key, said) in shared else said for key, said in title.items()})
        for claim, its, title in zip(claims, rules, titles, strict=True)
    ]


def _whose(rules: Rules, language: str, title: str) -> str:
    return f"{title} ({rules.title.said(language)})"


def _state(ctx: Context, claim: Claim) -> Reply:
    if is_late(claim, ctx.now):
        return Reply("prizes.state.lapsed")
    if claim.state != "open":
        return Reply(f"prizes.state.{claim.state}")
    key = "prizes.state.pick_up" if claim.kind == "counter" else "prizes.state.asked"
    return Reply(key, {"deadline": last_minute(ctx.rows.campaigns[claim.campaign_id].rules, claim, ctx.now)})


def _choose(ctx: Context, about: str, text: str) -> list[Reply] | None:
    number, mine = number_in(text), _mine(ctx)
    if number is None or number > len(mine):
        return None
    if about != _order(mine):
        return _ask(ctx, mine)
    questions.drop(ctx.address)
    return _look_after(ctx, mine[number - 1])


def _look_after(ctx: Context, claim: Claim) -> list[Reply]:
    """Turn to the campaign of ``claim``, and go on with it."""
    ctx.campaign = ctx.rows.campaigns[claim.campaign_id]
    if is_editable(claim, ctx.now):
        return begin(ctx, claim)
    return [told(ctx.rows, claim, ctx.now)]


def help_lines(campaign: LiveCampaign, _place: Place) -> Mapping[str, Sequence[Reply]]:
    """The words for what can be won and bought."""
    return {"goods": (Reply("help.goods"),) if has_claims(campaign.rules) else ()}


def terms(campaign: LiveCampaign, _place: Place) -> Mapping[str, Sequence[Reply]]:
    """Until when something is claimed, and what becomes of it otherwise."""
    if not has_claims(campaign.rules):
        return {"claims": ()}
    claims = campaign.rules.section(ClaimRules)
    unclaimed = Reply("rules.to_stock" if claims.unclaimed == "stock" else "rules.second_draw")
    return {"claims": (Reply("rules.claims", {"within": Length(claims.within), "unclaimed": (unclaimed,)}),)}


CHOOSE = Prompt("prizes.choose", CLAIMS, _choose, _put, PATIENCE, menu=True, begun_by=BEGUN_BY)
PROMPTS = (CHOOSE,)
ROUTE = Route(
    "prizes",
    Means(
        ShowPrizes(),
        "prizes",
        "prize",
        "my prizes",
        "my prize",
        "my gifts",
        "my orders",
        "voucher",
        "vouchers",
        "奖品",
        "我的奖品",
        "领奖",
        "我的礼品",
        "我的券",
        "查快递",
        "快递",
        "快递单号",
        "查快递单号",
        "物流",
        "查物流",
        "物流信息",
        "查询物流",
        "物流单号",
        "发货了吗",
        "什么时候发货",
        "中奖查询",
        "查询中奖",
        "中奖记录",
        "我中奖了吗",
        "tracking",
        "tracking number",
        "where is my prize",
        "where is my parcel",
        asked="prizes",
    ),
    show_prizes,
    ends_prompt=True,
)
