"""Contact: whom a player can ask who wants a person, complains, or asks about what no word here answers."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Needs, Route
from core.messages import Reply
from handlers.words import Means


@dataclass(frozen=True, slots=True)
class AskForPerson:
    """The player wants to talk to somebody."""

    needs = Needs()


def give_contact(ctx: Context, _intent: AskForPerson) -> list[Reply]:
    """Answer with the file's ``contact``, or with who is behind the campaign."""
    if ctx.campaign is None:
        return [Reply("contact.none", desk=True)]
    rules = ctx.campaign.rules
    shown = {"title": rules.title.model_dump(), "organiser": rules.organiser.model_dump()}
    if rules.contact is None:
        return [Reply("contact.organiser", shown, desk=True)]
    return [Reply("contact.answer", {**shown, "contact": rules.contact.model_dump()}, desk=True)]


ROUTE = Route(
    "contact",
    Means(
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
    ),
    give_contact,
    yields=True,
)
