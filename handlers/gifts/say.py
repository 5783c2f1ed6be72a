"""Gifts: the catalogue, the choice, and the exchange of points once it is confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from core import questions
from core.campaign.grammar import Phrases
from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Prompt, Requires, Route
from core.messages import Choice, Reply, Shown
from core.models import Player
from core.places import Place
from core.speech.answers import named, number_in, yes_or_no
from core.speech.campaign_choice import played, turn_to
from core.speech.choices import answer, numbered
from core.speech.closed import is_paused, resting
from core.speech.keywords import Means, plain
from core.speech.suggestions import nearest_titles, offer
from core.speech.which import PATIENCE, ask_which, asked_about, list_them, picked
from handlers.gifts.events import Bought
from handlers.gifts.load import GiftRequires
from handlers.gifts.play import Refused, exchange, left, taken, why_not
from handlers.gifts.rules import SHOWN_AGAIN_BY, GiftRules, Gifts

_GIFTS = Requires((GiftRequires(shown=True),))


@dataclass(frozen=True, slots=True)
class ShowGifts:
    """The player asks what points can buy."""

    requires = _GIFTS


def show_gifts(ctx: Context, _intent: ShowGifts) -> list[Reply]:
    """Answer with the catalogue, and wait for a choice where the player can have one. Of several, ask for one."""
    if ctx.campaign is None:
        return [Reply("campaign.none")]
    mine = [ctx.rows.campaigns[player.campaign_id] for player in played(ctx)]
    shops = [campaign for campaign in mine if campaign.rules.section(Gifts).each]
    if len(shops) > 1:
        return ask_which(ctx, WHICH, shops)
    if not turn_to(ctx, lambda campaign: bool(campaign.rules.section(Gifts).each)):
        return [Reply("gifts.none")]
    return _show(ctx)


def _put_which(ctx: Context, about: str) -> list[Reply]:
    def balance(shop: LiveCampaign) -> Shown:
        player = ctx.rows.players.get((ctx.address.key, shop.id))
        return {"balance": player.points if player else 0}

    return list_them(ctx, about, "gifts.which", balance)


def _pick(ctx: Context, about: str, text: str) -> list[Reply] | None:
    """Turn to the campaign that ``text`` names: by its number, its title, or a gift that only that one has."""
    found = picked(ctx, about, text)
    shops = [] if found or number_in(text) is not None else asked_about(ctx, about)
    having = [shop for shop in shops if _meant(shop, text) is not None]
    if len(found or having) != 1:
        listed = [shop.rules.title for shop in shops] + [
            gift.title for shop in shops for gift in shop.rules.section(Gifts).each
        ]
        return _suggest(ctx, text, listed, [])
    questions.drop(ctx.address)
    (ctx.campaign,) = found or having
    return _choose(ctx, "", text) if having else _show(ctx)


def _show(ctx: Context) -> list[Reply]:
    if ctx.player is not None and not is_paused(ctx):  # points can be spent when codes count no more
        questions.ask(ctx, CHOOSE)
        return _put_choice(ctx, "")
    return [Reply("gifts.list", _catalogue(ctx)), *resting(ctx)]


def _catalogue(ctx: Context) -> Shown:
    assert ctx.campaign is not None
    lines = [_line(ctx, number, gift) for number, gift in enumerate(ctx.campaign.rules.section(Gifts).each, start=1)]
    balance = ctx.player.points if ctx.player else 0
    return {"title": ctx.campaign.rules.title.model_dump(), "balance": balance, "lines": tuple(lines)}


def _line(ctx: Context, number: int, gift: GiftRules) -> Reply:
    assert ctx.campaign is not None
    pieces = left(ctx, ctx.campaign.id, gift)
    balance = ctx.player.points if ctx.player else 0
    shown: Shown = {"number": number, "item": gift.title.model_dump(), "price": gift.price, "left": pieces}
    if pieces and 0 < balance < gift.price:
        return Reply("gifts.line_short", {**shown, "short": gift.price - balance})
    return Reply("gifts.line" if pieces else "gifts.line_gone", shown)


def _put_choice(ctx: Context, _about: str) -> list[Reply]:
    assert ctx.campaign is not None
    in_stock = [
        answer(ctx, number, gift.title.model_dump(), listed=True)
        for number, gift in enumerate(ctx.campaign.rules.section(Gifts).each, start=1)
        if left(ctx, ctx.campaign.id, gift)
    ]
    return [Reply("gifts.choose", _catalogue(ctx), tuple(in_stock))]


def _choose(ctx: Context, _about: str, text: str) -> list[Reply] | None:
    assert ctx.campaign is not None
    player, gift, gifts = ctx.player, _meant(ctx.campaign, text), ctx.campaign.rules.section(Gifts).each
    if player is None:
        return None
    if gift is None:
        titles = [each.title for each in gifts]
        taps = [answer(ctx, at, each.model_dump(), listed=True) for at, each in enumerate(titles, start=1)]
        return _suggest(ctx, text, titles, taps)
    if (reason := why_not(ctx, player, gift)) is not None:
        questions.drop(ctx.address)
        return [_refused(ctx, player, gift, reason)]
    about = _offer(ctx, player, gift)
    questions.ask(ctx, CONFIRM, about)
    return _put_confirm(ctx, about)


def _offer(ctx: Context, player: Player, gift: GiftRules) -> str:
    """What is confirmed: the gift, its price, and how many of it the player has, which another answer may change."""
    return f"{gift.name} {gift.price} {taken(ctx, player, gift)}"


def _suggest(ctx: Context, text: str, titles: Sequence[Phrases], taps: Sequence[Choice]) -> list[Reply] | None:
    """Ask whether one of ``titles`` is meant, which was mistyped; None when none is near, or two alike.

    ``taps`` say the same.
    """
    found = nearest_titles(text, titles) if ctx.message.typed and number_in(text) is None else ()
    language = "zh" if ctx.address.language == "zh" else "en"
    words = [(plain(titles[at].said(language)), titles[at].model_dump()) for at in found]
    if not words or len(dict(words)) < len(words):
        return None
    return [offer(ctx, words, [taps[at] for at in found] if taps else ())]


def _meant(campaign: LiveCampaign, text: str) -> GiftRules | None:
    """The gift that ``text`` names: by its number, its title in either language, or its name."""
    gifts = campaign.rules.section(Gifts).each
    if (number := number_in(text)) is not None:
        return gifts[number - 1] if number <= len(gifts) else None
    found = named(text, [(gift, gift.title, gift.name) for gift in gifts])
    return found[0] if len(found) == 1 else None


def _put_confirm(ctx: Context, about: str) -> list[Reply]:
    gift = ctx.campaign.rules.section(Gifts).named(about.split(" ", maxsplit=1)[0]) if ctx.campaign else None
    if gift is None or ctx.player is None:
        return []
    shown: Shown = {"item": gift.title.model_dump(), "price": gift.price, "balance": ctx.player.points}
    return [Reply("gifts.confirm", shown, numbered(ctx, "choice.yes", "choice.no"))]


def _confirm(ctx: Context, about: str, text: str) -> list[Reply] | None:
    player, agreed = ctx.player, yes_or_no(text)
    assert player is not None
    assert ctx.campaign is not None
    if agreed is None:
        return None
    questions.drop(ctx.address)
    if not agreed:
        return [Reply("gifts.kept", {"balance": player.points})]
    name, price, _ = about.split(" ")
    gift = ctx.campaign.rules.section(Gifts).named(name)
    if gift is None or str(gift.price) != price:
        return [Reply("gifts.changed")]
    if _offer(ctx, player, gift) != about:
        return [questions.closed(ctx)]
    outcome = exchange(ctx, player, gift)
    match outcome:
        case Refused(reason):
            return [_refused(ctx, player, gift, reason)]
        case Bought():
            shown: Shown = {"item": gift.title.model_dump(), "price": gift.price, "balance": player.points}
            return [Reply("gifts.bought", shown), *ctx.besides()]
        case _:
            assert_never(outcome)


def _refused(ctx: Context, player: Player, gift: GiftRules, reason: str) -> Reply:
    shown: Shown = {"item": gift.title.model_dump(), "price": gift.price, "balance": player.points}
    limit: Shown = {"limit": gift.per_player or 0, "taken": taken(ctx, player, gift)}
    short: Shown = {"short": max(0, gift.price - player.points)}
    return Reply(f"gifts.{reason}", {**shown, **limit, **short})


def terms(campaign: LiveCampaign, _place: Place) -> Mapping[str, Sequence[Reply]]:
    """Every gift, its price and how many there are."""
    lines = tuple(
        Reply("rules.gift", {"title": gift.title.model_dump(), "price": gift.price, "stock": gift.stock})
        for gift in campaign.rules.section(Gifts).each
    )
    return {"gifts": (Reply("rules.gifts", {"lines": lines}),) if lines else ()}


CHOOSE = Prompt(
    "gifts.choose",
    _GIFTS,
    _choose,
    _put_choice,
    PATIENCE,
    menu=True,
    begun_by=SHOWN_AGAIN_BY,
)
WHICH = Prompt("gifts.which", _GIFTS, _pick, _put_which, PATIENCE, menu=True, begun_by=SHOWN_AGAIN_BY)
CONFIRM = Prompt(
    "gifts.confirm",
    _GIFTS,
    _confirm,
    _put_confirm,
    PATIENCE,
    begun_by=SHOWN_AGAIN_BY,
)
PROMPTS = (WHICH, CHOOSE, CONFIRM)
ROUTE = Route(
    "gifts",
    Means(
        ShowGifts(),
        "gifts",
        "gift",
        "catalogue",
        "catalog",
        "shop",
        "礼品",
        "礼物",
        "兑换礼品",
        "积分兑换",
        "换礼品",
        "礼品目录",
        asked="gifts",
    ),
    show_gifts,
    ends_prompt=True,
)
