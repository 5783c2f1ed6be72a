"""Rules: everything that must be published (time, odds, prizes, quantities, organiser) and the draw's commitment."""

from dataclasses import dataclass

from core import questions
from core.campaign.rules import Rules
from core.context import Context
from core.engine.routes import Prompt, Requires, Route
from core.messages import Reply
from core.speech.campaign_choice import played
from core.speech.closed import resting
from core.speech.keywords import Means
from core.speech.which import PATIENCE, ask_which, list_them, picked
from core.texts.formats import When
from handlers.talk.told import told


@dataclass(frozen=True, slots=True)
class ShowRules:
    """The player asks for the rules."""

    requires = Requires(seed=True)


def show_rules(ctx: Context, _intent: ShowRules) -> list[Reply]:
    """Answer with the rules of the campaign that is meant. Where several are played here it is asked which one.

    While a question waits, the campaign that it is about is meant.
    """
    if ctx.campaign is None:
        return [Reply("campaign.none")]
    mine, waiting = [ctx.rows.campaigns[each.campaign_id] for each in played(ctx)], questions.spoken_of(ctx)
    if waiting is not None and waiting.prompt != WHICH.name and questions.is_asked(ctx.address, ctx.now):
        questions.turn_to(ctx, waiting)
    elif len(mine) > 1:
        return ask_which(ctx, WHICH, mine)
    return _frozen(ctx)


def _pick(ctx: Context, about: str, text: str) -> list[Reply] | None:
    found = picked(ctx, about, text)
    if len(found) != 1:
        return None
    questions.drop(ctx.address)
    (ctx.campaign,) = found
    return _frozen(ctx)


def _put_which(ctx: Context, about: str) -> list[Reply]:
    return list_them(ctx, about, "rules.which")


def _frozen(ctx: Context) -> list[Reply]:
    """The rules as frozen at publication."""
    assert ctx.campaign is not None
    published, rules = ctx.campaign.published, ctx.campaign.rules
    terms = told(ctx, "terms", ctx.campaign)
    conditions = (Reply("rules.conditions", {"conditions": rules.conditions.model_dump()}),) if rules.conditions else ()
    return [
        Reply(
            "rules.answer",
            {
                "title": rules.title.model_dump(),
                "opens": When(published.opens_at, rules.zone, ctx.now),
                "closes": When(ctx.campaign.closes_at, rules.zone, ctx.now),
                "zone": rules.zone.key,
                "organiser": rules.organiser.model_dump(),
                "conditions": conditions,
                **terms,
                "odds": (*_odds(rules), *terms["odds"]),
            },
        ),
        *resting(ctx),
    ]


def _odds(rules: Rules) -> tuple[Reply, ...]:
    points = 0 if rules.wins else rules.earned()
    return (Reply("rules.earn", {"points": points}),) if points else ()


WHICH = Prompt("rules.which", Requires(seed=True), _pick, _put_which, PATIENCE, menu=True)
PROMPTS = (WHICH,)
ROUTE = Route(
    "rules",
    Means(
        ShowRules(),
        "rules",
        "rule",
        "what are the rules",
        "what can i win",
        "奖品有哪些",
        "有什么奖品",
        "terms",
        "odds",
        "规则",
        "活动规则",
        "概率",
        asked="rules",
    ),
    show_rules,
)
