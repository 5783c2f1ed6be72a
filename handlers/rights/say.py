"""What players say about their rights: give me my data."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply, Shown
from core.speech.keywords import Means
from handlers.rights.links import GOOD_FOR, new_link
from handlers.rights.tables import DataLink


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
