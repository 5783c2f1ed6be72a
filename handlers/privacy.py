"""Privacy: what is kept of a player, in plain words, and how to have it deleted."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Needs, Route
from core.messages import Reply
from handlers.words import Means


@dataclass(frozen=True, slots=True)
class ShowPrivacy:
    """The player asks what we keep."""

    needs = Needs()


def show_privacy(ctx: Context, _intent: ShowPrivacy) -> list[Reply]:
    """Answer with what is kept, and whom to ask."""
    if ctx.campaign is None:
        return [Reply("privacy.none")]
    rules = ctx.campaign.rules
    return [Reply("privacy.answer", {"organiser": rules.organiser.model_dump(), "title": rules.title.model_dump()})]


ROUTE = Route(
    "privacy",
    Means(
        ShowPrivacy(),
        "privacy",
        "privacy policy",
        "my data",
        "delete my data",
        "隐私",
        "隐私政策",
        "个人信息",
        "我的数据",
        "删除我的数据",
        asked="privacy",
    ),
    show_privacy,
)
