"""Torch: how the player's torch stands, one of the day's quota for who has none, lighting it anew, and its perk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Requires, Route
from core.joins import enter
from core.messages import Reply, Shown
from core.models import Player
from core.places import Place
from core.speech.campaign_choice import turn_to
from core.speech.closed import closed
from core.speech.keywords import Means
from core.texts.formats import Left, Length
from handlers.relay.first_torch import Earned, take_from_quota
from handlers.relay.load import RelayRequires, RelayRows
from handlers.relay.names import shown_name
from handlers.relay.react import HandedOn
from handlers.relay.relight import Relit
from handlers.relay.relight import relight as light_anew
from handlers.relay.replies import burning, relight_hint, stands, unlit
from handlers.relay.rules import RelayRules, relay_on
from handlers.relay.torches import latest


@dataclass(frozen=True, slots=True)
class ShowTorch:
    """The player asks for the torch."""

    requires = Requires((RelayRequires(torch=True, quota=True),), enters=True)


@dataclass(frozen=True, slots=True)
class Relight:
    """The player wants to light the torch anew."""

    requires = Requires((RelayRequires(torch=True),))


@dataclass(frozen=True, slots=True)
class ShowPerk:
    """The player wants to use the perk."""

    requires = Requires((RelayRequires(torch=True),))


def show_torch(ctx: Context, _intent: ShowTorch) -> list[Reply]:
    """Answer with the torch as it stands; who has none gets one of the day's quota, where there is one."""
    if (refusal := no_relay(ctx)) is not None:
        return [refusal]
    assert ctx.campaign is not None
    player = ctx.player
    if player is not None and ctx.rows.of(RelayRows).torches.get(player.id):
        is_closed = [closed(ctx)] if ctx.campaign.why_closed(ctx.now) else []
        return [stands(ctx.rows, player, ctx.now), *is_closed]
    if ctx.campaign.why_closed(ctx.now):
        return [closed(ctx)]
    player = enter(ctx, ctx.campaign)
    if not ctx.rows.of(RelayRows).torches.get(player.id) and not take_from_quota(ctx, player):
        relay = ctx.campaign.rules.section(RelayRules)
        quota = relay.quota_per_day if relay else None
        gone = [Reply("relay.quota_gone", {"quota": quota})] if quota is not None else []
        return [*brought(ctx), *gone, _how_to_earn(ctx)]
    return granted(ctx, player)


def granted(ctx: Context, player: Player) -> list[Reply]:
    """What is said with a new torch: what it did to a friend's, how long it waits, and the word to pass on."""
    torch = latest(ctx.rows, player)
    if torch is None:
        return []
    if torch.state == "lit":  # by a friend who was dealt with before
        return [stands(ctx.rows, player, ctx.now)]
    assert ctx.campaign is not None
    reply = unlit(ctx.rows, "relay.granted", player, torch, ctx.now)
    shown = {"title": ctx.campaign.rules.title.model_dump(), "friend": what_it_did(ctx), "window": reply.params["left"]}
    return [replace(reply, params={**reply.params, **shown})]


def what_it_did(ctx: Context) -> tuple[Reply, ...]:
    """What joining did to the torch of whoever brought the player in, told to the player; nothing without one."""
    handed = ctx.outcome(HandedOn)
    if handed is None or ctx.player is None:
        return ()
    passer = handed.passer
    name = shown_name(ctx.rows.keys, passer.id, passer.name_sealed)
    holds = bool(ctx.rows.of(RelayRows).torches.get(ctx.player.id))
    if handed.lit:
        return (Reply("relay.you_lit", {"friend": name}),)
    if handed.late is not None:
        key = "relay.you_late" if holds else "relay.you_late_only"
        return (Reply(key, {"friend": name, "late": Left(handed.late)}),)
    return (Reply("relay.you_took" if holds else "relay.you_came", {"friend": name}),)


def brought(ctx: Context) -> list[Reply]:
    """What is said of the torch that this message brought: a code, or the friend whom the sender came by.

    A newcomer hears of the friend whatever the first words were, and without a torch, too, unless the friend's word
    itself is answered by an invitation.
    """
    handed, player = ctx.outcome(HandedOn), ctx.player
    if player is None or (handed is None and ctx.outcome(Earned) is None):
        return []
    return granted(ctx, player) or ([] if handed is None or handed.invited else [_joined(ctx)])


def _joined(ctx: Context) -> Reply:
    """The welcome of a friend who has no torch yet."""
    assert ctx.campaign is not None
    return Reply("relay.joined", {"title": ctx.campaign.rules.title.model_dump(), "friend": what_it_did(ctx)})


def relight(ctx: Context, _intent: Relight) -> list[Reply]:
    """Give the player a new torch in the place of the one that went out."""
    if (refusal := no_relay(ctx)) is not None:
        return [refusal]
    assert ctx.campaign is not None
    if ctx.player is None:
        return [_how_to_earn(ctx)]
    if ctx.campaign.why_closed(ctx.now):
        return [closed(ctx)]
    return [_relit(ctx, ctx.player, light_anew(ctx, ctx.player))]


def _relit(ctx: Context, player: Player, outcome: Relit) -> Reply:
    match outcome:
        case "none":
            return _how_to_earn(ctx)
        case "relit":
            torch = latest(ctx.rows, player)
            assert torch is not None
            if torch.state == "lit":
                return stands(ctx.rows, player, ctx.now)
            return unlit(ctx.rows, "relay.relit", player, torch, ctx.now)
        case "later":
            return Reply("relay.not_yet", {"relight": relight_hint(ctx.rows, player, ctx.now)})
        case "spent" | "never":
            return Reply(f"relay.{outcome}")
        case _:
            return stands(ctx.rows, player, ctx.now)


def show_perk(ctx: Context, _intent: ShowPerk) -> list[Reply]:
    """Answer with the code that staff check."""
    if (refusal := no_relay(ctx)) is not None:
        return [refusal]
    assert ctx.campaign is not None
    mine = ctx.rows.of(RelayRows).torches.get(ctx.player.id, ()) if ctx.player else ()
    lit = next((torch for torch in mine if torch.perk is not None), None)
    if lit is not None:
        return [burning(ctx.rows, "relay.perk", lit)]
    relay = ctx.campaign.rules.section(RelayRules)
    return [Reply("relay.no_perk" if relay and relay.perk else "relay.without_perk")]


def no_relay(ctx: Context) -> Reply | None:
    """Why there are no torches here; None when there are, and then their campaign is meant."""
    if ctx.campaign is None:
        return Reply("campaign.none")
    found = turn_to(ctx, lambda campaign: relay_on(campaign.rules, ctx.message.place))
    return None if found else Reply("relay.off")


def _how_to_earn(ctx: Context) -> Reply:
    """How one comes to a first torch here."""
    assert ctx.campaign is not None
    relay = ctx.campaign.rules.section(RelayRules)
    assert relay is not None
    ways = tuple(Reply(f"relay.way_{way}") for way in relay.qualify)
    return Reply("relay.none", {"ways": ways})


def help_lines(campaign: LiveCampaign, place: Place) -> Mapping[str, Sequence[Reply]]:
    """The words for torches and boards."""
    return {"torch": (Reply("help.torch"),) if relay_on(campaign.rules, place) else ()}


def terms(campaign: LiveCampaign, place: Place) -> Mapping[str, Sequence[Reply]]:
    """How long a torch waits, how one comes to it, and what is left of it."""
    relay = campaign.rules.section(RelayRules)
    if relay is None or not relay_on(campaign.rules, place):
        return {"relay": ()}
    perk = (Reply("rules.perk", {"perk": relay.perk.title.model_dump()}),) if relay.perk else ()
    relight: tuple[Reply, ...] = ()
    if (again := relay.relight) is not None:
        relight = (Reply("rules.relight", {"after": Length(again.after), "times": again.times}),)
    ways = tuple(Reply(f"relay.way_{way}") for way in relay.qualify)
    shown: Shown = {"window": Length(relay.window), "perk": perk, "relight": relight, "ways": ways}
    return {"relay": (Reply("rules.relay", shown),)}


ROUTE = Route(
    "torch",
    Means(
        ShowTorch(),
        "torch",
        "my torch",
        "the torch",
        "get torch",
        "get a torch",
        "take torch",
        "take the torch",
        "ambassador",
        "火炬",
        "我的火炬",
        "火炬手",
        "火炬大使",
        "领火炬",
        "领取火炬",
        "接火炬",
        "传火炬",
        "传递火炬",
        "我的火把",
    ),
    show_torch,
)
RELIGHT_ROUTE = Route(
    "relight",
    Means(
        Relight(), "relight", "light", "light again", "light it again", "relight my torch", "重燃", "点燃", "重新点燃"
    ),
    relight,
)
PERK_ROUTE = Route("perk", Means(ShowPerk(), "perk", "my perk", "perks", "特权", "我的特权", "皮肤"), show_perk)
