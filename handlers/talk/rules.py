"""Rules: everything that must be published (time, odds, prizes, quantities, organiser) and the draw's commitment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core import questions
from core.campaign.live import LiveCampaign
from core.campaign.platforms import is_brief
from core.campaign.rules import Rules
from core.context import Context
from core.engine.routes import Prompt, Requires, Route
from core.mechanics import Mechanics
from core.messages import Keyword, Reply, Shown
from core.places import place_named
from core.speech.campaign_choice import played
from core.speech.closed import resting
from core.speech.keywords import Means
from core.speech.which import PATIENCE, ask_which, list_them, picked
from core.texts.catalogue import render
from core.texts.formats import When
from handlers.talk.told import told, told_at

_ABOUT = ("play", "odds", "prizes", "gifts", "claims", "invites", "relay", "conditions", "commitment")
"""What is told of, in the order of the whole text."""


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
    """The rules as frozen at publication: all of them, or in short where each part of a text is paid for."""
    assert ctx.campaign is not None
    terms, rules = told(ctx, "terms", ctx.campaign), ctx.campaign.rules
    if not is_brief(ctx.message.channel):
        return [_rules(ctx.campaign, terms, ctx.now), *resting(ctx)]
    link = rules_link(ctx.rows.public_url, rules.name)
    if link is not None:
        whole = Reply("rules.link", {"link": link})
    elif rules.contact is not None:
        whole = Reply("rules.contact", {"contact": rules.contact.model_dump()})
    else:
        whole = Reply("rules.organiser", {"organiser": rules.organiser.model_dump()})
    shown = {**_head(ctx.campaign, ctx.now), "odds": _odds(rules, terms), "whole": (whole,)}
    return [Reply("rules.brief", shown), *resting(ctx)]


def rules_link(public_url: str | None, name: str) -> str | None:
    """Where all rules of the campaign ``name`` stand; None where nobody can open a page of ours."""
    return f"{public_url}/rules/{name}" if public_url else None


def chapters(mechanics: Mechanics, campaign: LiveCampaign, language: str, now: datetime) -> list[tuple[str, str]]:
    """The rules of ``campaign`` at all its places together, in ``language``: each text behind what it is about.

    It is one text about "" where the campaign words the whole itself.
    """
    texts = campaign.published.texts.speaking(language)
    terms = told_at(mechanics, "terms", [(campaign, place_named(name)) for name in campaign.rules.channels])
    whole = _rules(campaign, terms, now)
    if texts[whole.key] != mechanics.texts().speaking(texts.language)[whole.key]:
        return [("", render(whole, texts))]
    when = Reply("rules.when", {name: whole.params[name] for name in ("opens", "closes", "zone")})
    said = {**terms, "odds": _odds(campaign.rules, terms), "conditions": _conditions(campaign.rules)}
    told = [("when", (when,)), *((about, said[about]) for about in _ABOUT)]
    return [(about, "\n".join(render(each, texts) for each in replies)) for about, replies in told if replies]


def _rules(campaign: LiveCampaign, terms: Mapping[str, tuple[Reply, ...]], now: datetime) -> Reply:
    rules = campaign.rules
    shown = {**_head(campaign, now), "zone": rules.zone.key, "conditions": _conditions(rules), **terms}
    return Reply("rules.answer", {**shown, "odds": _odds(rules, terms)})


def _conditions(rules: Rules) -> tuple[Reply, ...]:
    return (Reply("rules.conditions", {"conditions": rules.conditions.model_dump()}),) if rules.conditions else ()


def _head(campaign: LiveCampaign, now: datetime) -> Shown:
    rules = campaign.rules
    return {
        "title": rules.title.model_dump(),
        "opens": When(campaign.published.opens_at, rules.zone, now),
        "closes": When(campaign.closes_at, rules.zone, now),
        "organiser": rules.organiser.model_dump(),
    }


def _odds(rules: Rules, terms: Mapping[str, tuple[Reply, ...]]) -> tuple[Reply, ...]:
    points = 0 if rules.wins else rules.earned()
    earned = (Reply("rules.earn", {"points": points}),) if points else ()
    return (*earned, *terms["odds"])


BEGUN_BY = Keyword(zh="规则", en="RULES")
WHICH = Prompt("rules.which", Requires(seed=True), _pick, _put_which, PATIENCE, menu=True, begun_by=BEGUN_BY)
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
