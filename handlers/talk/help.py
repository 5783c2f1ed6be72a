"""Help: what can be done here, in one short answer."""

from dataclasses import dataclass, replace

from core.campaign.platforms import is_brief
from core.context import Context
from core.engine.routes import SPOKEN, Requires, Route
from core.messages import Reply, Shown
from core.speech.campaign_choice import concerning
from core.speech.choices import worded
from core.speech.closed import resting
from core.speech.keywords import Means
from core.texts.formats import OtherLanguages
from handlers.talk.told import told, told_as

_WORDS = {"goods": ["gifts", "prizes"], "friends": ["invite"], "torch": ["torch", "board"]}
"""Of what is on here, the words that get a button where there are buttons."""


@dataclass(frozen=True, slots=True)
class Help:
    """The player asks for help, or says hello."""

    greeting: bool = False
    requires = Requires()


def show_help(ctx: Context, intent: Help) -> list[Reply]:
    """Say what can be done here, and to whoever only says hello where parts cost how to begin.

    To somebody who is blocked, that nothing can.
    """
    if ctx.address.blocked_at is not None:
        return [Reply("blocked.told")]
    return [welcome(ctx)] if intent.greeting and is_new(ctx) and is_brief(ctx.message.channel) else help_player(ctx)


def help_player(ctx: Context) -> list[Reply]:
    """Answer with who we are, the words that are understood, and how to hear less of us, or more again."""
    return [_help(ctx), *resting(ctx)]


def _help(ctx: Context) -> Reply:
    if ctx.campaign is None:
        return Reply("help.none")
    meant = ctx.campaign.rules
    campaigns = concerning(ctx)
    mine, lines = [each.rules for each in campaigns], dict(told(ctx, "help", *campaigns))
    pays = any(each.pays_codes() for each in mine)
    first = next((each for each in mine if each.pays_codes()), meant)
    spoken = list(dict.fromkeys(language for each in mine for language in each.languages))
    also = tuple(Reply("help.also", {"title": each.title.model_dump()}) for each in mine if each is not first)
    shown: Shown = {
        "title": first.title.model_dump(),
        "organiser": first.organiser.model_dump(),
        "languages": (Reply("help.languages", {"names": OtherLanguages(spoken)}),) if len(spoken) > 1 else (),
        **lines,
        "consent": (*lines["consent"], *also, Reply("help.start" if ctx.address.opted_out_at else "help.stop")),
    }
    words = [*(["points"] if pays else []), *(word for name, said in _WORDS.items() if lines[name] for word in said)]
    return Reply(f"help.{'answer' if pays else told_as(*mine)}", shown, worded([*words, "rules"]))


def is_new(ctx: Context) -> bool:
    """Whether we never said a word to the sender, or the sender said none."""
    return not ctx.address.said_count or ctx.message.kind not in SPOKEN


def welcome(ctx: Context, *asked: Reply) -> Reply:
    """What is said to whoever is new here: what this is, the first step, and what is ``asked`` besides."""
    told = _help(ctx)
    if is_brief(ctx.message.channel) and ctx.campaign is not None:
        told = replace(told, key=f"welcome.{told.key.removeprefix('help.')}_brief")
    return Reply("welcome.answer", {"help": (told, *resting(ctx), *asked)}, (asked or (told,))[-1].choices)


ROUTE = Route(
    "help",
    Means(
        Help(),
        "help",
        "info",
        "?",
        "h",
        "menu",
        "what can i do",
        "帮助",
        "能干什么",
        "说明",
        "菜单",
        offered=("help", "帮助"),
        asked="help",
    ),
    show_help,
    when_blocked=True,
)
HELLO_ROUTE = Route(
    "help",
    Means(
        Help(greeting=True),
        "hello",
        "hi",
        "hey",
        "hi there",
        "hello there",
        "good morning",
        "good afternoon",
        "good evening",
        "hola",
        "begin",
        "play",
        "join",
        "how to play",
        "how do i play",
        "how does it work",
        "how does this work",
        "how do i join",
        "how can i join",
        "what is this",
        "who are you",
        "who is this",
        "is anybody there",
        "anybody there",
        "你好",
        "您好",
        "嗨",
        "哈喽",
        "早上好",
        "下午好",
        "晚上好",
        "早",
        "在吗",
        "在么",
        "在不在",
        "有人吗",
        "怎么玩",
        "怎么参加",
        "怎么参与",
        "如何参加",
        "如何参与",
        "参加",
        "我要参加",
        "参加活动",
        "活动",
        "开始",
        "开始游戏",
        "你是谁",
        "这是什么",
        "nihao",
        "ni hao",
        "zaima",
        offered=("help", "帮助"),
    ),
    show_help,
    when_blocked=True,
)
