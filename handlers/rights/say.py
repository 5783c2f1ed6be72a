"""What players say about their rights: give me my data, erase me, keep me."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from core import questions
from core.context import Context
from core.engine.dialog import is_erased
from core.engine.routes import Prompt, Requires, Route
from core.messages import InboundKind, Keyword, Reply, Shown
from core.speech.answers import yes_or_no
from core.speech.choices import numbered
from core.speech.keywords import Means
from core.speech.which import PATIENCE
from core.texts.formats import When
from handlers.rights.erase import Grace
from handlers.rights.links import GOOD_FOR, new_link
from handlers.rights.load import MINE, ErasureRows
from handlers.rights.tables import DataLink, Erasure


@dataclass(frozen=True, slots=True)
class AskForData:
    """The player wants to have what is kept about them."""

    requires = Requires()


def give_data(ctx: Context, _intent: AskForData) -> list[Reply]:
    """A link that gives the data once; where there are no pages of ours, a summary, and whom to ask for the rest."""
    if ctx.rows.public_url is not None:
        link = new_link(ctx.rows.keys, ctx.rows.randomness, ctx.address.key, ctx.now)
        ctx.rows.append(DataLink, **link.row)
        hours = int(GOOD_FOR.total_seconds()) // 3600
        return [Reply("data.link", {"link": ctx.rows.public_url + link.path, "hours": hours})]
    played = [
        (ctx.rows.campaigns[campaign_id].rules.title.model_dump(), player)
        for (key, campaign_id), player in sorted(ctx.rows.players.items(), key=lambda one: one[0][1])
        if key == ctx.address.key and campaign_id in ctx.rows.campaigns
    ]
    lines = tuple(
        Reply("data.campaign", {"title": title, "points": player.points, "wins": player.wins})
        for title, player in played
    )
    shown: Shown = {
        "texts": ctx.address.said_count,
        "campaigns": lines or (Reply("data.no_campaign"),),
        "ask": (_whom(ctx),),
    }
    return [Reply("data.summary", shown)]


def _whom(ctx: Context) -> Reply:
    """Whom to ask for what does not fit into a chat."""
    if ctx.campaign is None:
        return Reply("data.ask_inviter")
    rules = ctx.campaign.rules
    if rules.contact is not None:
        return Reply("data.ask_contact", {"contact": rules.contact.model_dump()})
    return Reply("data.ask_organiser", {"organiser": rules.organiser.model_dump()})


DATA_ROUTE = Route(
    "my_data",
    Means(
        AskForData(),
        *("my data", "give me my data", "send me my data", "copy of my data", "export my data", "download my data"),
        *("我的数据", "我的个人信息", "导出我的数据", "下载我的数据", "查看我的数据"),
    ),
    give_data,
    when_blocked=True,
)


@dataclass(frozen=True, slots=True)
class WantErasure:
    """The player wants all of it to be erased."""

    requires = MINE


@dataclass(frozen=True, slots=True)
class WantToStay:
    """The player takes that back."""

    requires = MINE


@dataclass(frozen=True, slots=True)
class BeginAgain:
    """Somebody who was erased wants to play again, as new."""

    requires = Requires()


def ask_to_erase(ctx: Context, _intent: WantErasure) -> list[Reply]:
    """Say what goes, what stays and why, and ask whether that is meant; where it was meant before, say when it is."""
    if (waits := ctx.rows.of(ErasureRows).of(ctx.rows, ctx.address)) is not None:
        return [Reply("erase.waits", {"at": _when(ctx, waits.due_at or ctx.now)})]
    if not ctx.message.typed and ctx.message.kind is not InboundKind.TAPPED:
        return ctx.reception.help(ctx)  # a link is made by somebody else
    questions.ask(ctx, CONFIRM)
    return _put(ctx, "")


def _put(ctx: Context, _about: str) -> list[Reply]:
    return [Reply("erase.confirm", {"days": _grace(ctx).lasts.days}, numbered(ctx, "choice.yes", "choice.no"))]


def _answer(ctx: Context, _about: str, text: str) -> list[Reply] | None:
    agreed = yes_or_no(text)
    if agreed is None:
        return None
    questions.drop(ctx.address)
    if not agreed:
        return [Reply("erase.not")]
    if (waits := ctx.rows.of(ErasureRows).of(ctx.rows, ctx.address)) is not None:
        return [Reply("erase.waits", {"at": _when(ctx, waits.due_at or ctx.now)})]
    due_at = ctx.now + _grace(ctx).lasts
    made = Erasure(
        id=ctx.rows.random_id(),
        address_key=ctx.address.key,
        asked_at=ctx.now,
        asked_by=None,
        due_at=due_at,
        state="waiting",
        settled_at=None,
    )
    ctx.rows.add(made)
    ctx.rows.of(ErasureRows).waiting.append(made)
    return [Reply("erase.asked", {"at": _when(ctx, due_at)})]


def keep(ctx: Context, _intent: WantToStay) -> list[Reply]:
    """Take the wish to be erased back, while there is time."""
    waits = ctx.rows.of(ErasureRows).all_of(ctx.rows, ctx.address)
    if not waits:
        return [Reply("erase.nothing")]
    for each in waits:
        each.state, each.due_at, each.settled_at = "kept", None, ctx.now
    return [Reply("erase.kept")]


def begin_again(ctx: Context, _intent: BeginAgain) -> list[Reply]:
    """Play as new, where all was erased; elsewhere it is a call for help."""
    if not is_erased(ctx.address) or not ctx.message.typed:
        return ctx.reception.help(ctx)
    ctx.address.begun_again_at = ctx.now
    return [Reply("erased.begun"), *ctx.reception.help(ctx)]


def _when(ctx: Context, at: datetime) -> When:
    return When(at, ctx.campaign.rules.zone if ctx.campaign else ZoneInfo("UTC"), ctx.now)


def _grace(ctx: Context) -> Grace:
    return ctx.rows.setting(Grace) or Grace()


CONFIRM = Prompt("erase.confirm", MINE, _answer, _put, PATIENCE, begun_by=Keyword(zh="删除我", en="ERASE ME"))
ERASE_ROUTE = Route(
    "erase",
    Means(
        WantErasure(),
        *("erase me", "forget me", "delete my data", "erase my data", "remove my data"),
        *("delete my account", "close my account", "remove my account"),
        *("删除我", "删除我的数据", "删除我的信息", "删除我的账号", "抹去我", "抹掉我的数据"),
        *("注销", "注销我", "注销账号", "注销账户", "注销我的账号", "账号注销"),
        asked="erase",
    ),
    ask_to_erase,
    when_blocked=True,
)
KEEP_ROUTE = Route(
    "keep_me",
    Means(
        WantToStay(),
        "keep me",
        "keep my data",
        "do not erase me",
        "don't erase me",
        "保留我",
        "保留我的数据",
        "不要删除我",
    ),
    keep,
    when_blocked=True,
)
BEGIN_ROUTE = Route(
    "begin_again",
    Means(BeginAgain(), "begin again", "重新开始", "重新参加"),
    begin_again,
    when_erased=True,
)
ROUTES = (DATA_ROUTE, ERASE_ROUTE, KEEP_ROUTE, BEGIN_ROUTE)
