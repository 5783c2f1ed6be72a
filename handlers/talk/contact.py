"""Contact: whom a player can ask who wants a person, complains, or asks about what no word here answers."""

from dataclasses import dataclass

from core.campaign.live import LiveCampaign
from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply, Shown
from core.speech.campaign_choice import concerning
from core.speech.keywords import Means


@dataclass(frozen=True, slots=True)
class AskForPerson:
    """The player wants to talk to somebody."""

    requires = Requires()


def give_contact(ctx: Context, _intent: AskForPerson) -> list[Reply]:
    """Answer with the file's ``contact``, or with who is behind the campaign: of each that the sender plays."""
    told = {(each.rules.contact, each.rules.organiser): each for each in reversed(concerning(ctx))}
    return [_contact(each) for each in reversed(told.values())] or [Reply("contact.none", desk=True)]


def _contact(campaign: LiveCampaign) -> Reply:
    rules = campaign.rules
    shown: Shown = {"title": rules.title.model_dump(), "organiser": rules.organiser.model_dump()}
    if rules.contact is None:
        return Reply("contact.organiser", shown, desk=True, campaign_id=campaign.id)
    contact = rules.contact.model_dump()
    return Reply("contact.answer", {**shown, "contact": contact}, desk=True, campaign_id=campaign.id)


MEANS = Means(
    AskForPerson(),
    "contact",
    "contact us",
    "customer service",
    "customer care",
    "customer support",
    "support",
    "service",
    "agent",
    "human",
    "operator",
    "real person",
    "hotline",
    "phone number",
    "email",
    "talk to a human",
    "speak to a human",
    "i have a question",
    "i need help",
    "i have a problem",
    "problem",
    "it does not work",
    "it doesnt work",
    "not working",
    "complaint",
    "complain",
    "i want to complain",
    "scam",
    "fraud",
    "refund",
    "客服",
    "人工",
    "人工客服",
    "人工服务",
    "在线客服",
    "转人工",
    "找客服",
    "联系客服",
    "联系方式",
    "联系",
    "联系我们",
    "客服电话",
    "电话",
    "热线",
    "投诉",
    "我要投诉",
    "举报",
    "骗人",
    "骗子",
    "退款",
    "有问题",
    "我有问题",
    "没反应",
    "用不了",
    "客服在吗",
    "有客服吗",
    asked="contact",
)
ROUTE = Route("contact", MEANS, give_contact, defers_to_prompt=True)
