"""Privacy: what is kept of a player, in plain words, and how to have it deleted."""

from dataclasses import dataclass

from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply, Shown
from core.speech.campaign_choice import concerning
from core.speech.keywords import Means


@dataclass(frozen=True, slots=True)
class ShowPrivacy:
    """The player asks what we keep."""

    requires = Requires()


def show_privacy(ctx: Context, _intent: ShowPrivacy) -> list[Reply]:
    """Answer with what is kept, and whom to ask: of each organiser whose campaigns the sender plays."""
    told = {each.rules.organiser: each for each in reversed(concerning(ctx))}
    return [_privacy(each) for each in reversed(told.values())] or [Reply("privacy.none")]


def _privacy(campaign: LiveCampaign) -> Reply:
    rules = campaign.rules
    organiser = rules.organiser.model_dump()
    ask = Reply("privacy.organiser", {"organiser": organiser})
    if rules.contact is not None:
        ask = Reply("privacy.contact", {"contact": rules.contact.model_dump()})
    shown: Shown = {"organiser": organiser, "title": rules.title.model_dump(), "ask": (ask,)}
    return Reply("privacy.answer", shown, campaign_id=campaign.id)


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
    when_blocked=True,
)
