"""Help: what can be done here, in one short answer."""

from dataclasses import dataclass

from core.campaign.platforms import friends_on, relay_on
from core.context import Context
from core.engine.routes import Needs, Route
from core.messages import Reply
from handlers.words import means


@dataclass(frozen=True, slots=True)
class Help:
    """The player asks for help, or says hello."""

    needs = Needs()


def help_player(ctx: Context, _intent: Help) -> list[Reply]:
    """Answer with the words that are understood."""
    if ctx.campaign is None:
        return [Reply("help.none")]
    rules = ctx.campaign.rules
    goods = (Reply("help.goods"),) if rules.has_claims() else ()
    friends = (Reply("help.friends"),) if friends_on(rules, ctx.message.channel) else ()
    torch = (Reply("help.torch"),) if relay_on(rules, ctx.message.channel) else ()
    key = "help.answer" if rules.pays_codes() else "help.relay"
    return [Reply(key, {"title": rules.title.model_dump(), "goods": goods, "friends": friends, "torch": torch})]


ROUTE = Route(
    "help",
    means(
        Help(),
        "help",
        "info",
        "?",
        "h",
        "hello",
        "hi",
        "hey",
        "start",
        "/start",
        "/help",
        "帮助",
        "幫助",
        "你好",
        "您好",
        "怎么玩",
        "说明",
        "菜单",
    ),
    help_player,
)
