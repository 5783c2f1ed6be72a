"""Name: the player chooses how friends and boards call them; nothing else of a person is ever shown."""

import re
import unicodedata
from dataclasses import dataclass

from core.campaign.platforms import friends_on
from core.campaign.rules import Rules
from core.context import Context
from core.engine.routes import SPOKEN, CodeFormats, Requires, Route, Stage
from core.joins import enter
from core.messages import Reply
from core.models import Player
from core.places import Place
from core.speech.campaign_choice import turn_to
from core.speech.closed import closed
from core.speech.decoration import unsigned
from core.speech.name_shape import sounds_like_name
from handlers.relay.moderation import BlockedWords, Verdict, judge
from handlers.relay.names import LONGEST, await_name, clean_name, give_name, was_refused
from handlers.relay.rules import NameRules
from handlers.relay.say import brought

_HELLO = r"(?:(?:hi|hello|hey|你好|您好|大家好|哈[喽啰])[\s,，!！。.~～]*)?"
_LABELLED = (
    r"(?:my |我的)?(?:nick(?: ?name)?|user ?name|name|昵称|暱稱|名字|姓名|网名|網名)\s?(?:is|是|叫)?[:=]\s?"
    r"|(?:昵称|暱稱|名字|姓名|网名|網名) +|改名字?(?:[为為成叫: ]|改[成为為])\s?"
    r"|(?:我的)?(?:名字|昵称|暱稱)改(?:[成为為])\s?|change my name to |rename me (?:to )?"
)
_SAID_SO = (
    r"my name(?:'s|’s| is|s):? |(?:my )?(?:nick|user)?name (?:is )?|"
    r"(?:please |you can |just )?call me |i(?: am|'m|’m) called "
    r"|(?:请|你?可以|就|以后|(?:大家|朋友们?|别人|同学们?)都?)?叫我[:,]?\s?|我叫做?[:,]?\s?"
    r"|(?:我的)?(?:昵称|暱稱|名字|姓名|网名|網名)[是叫]\s?|(?:昵称|暱稱)(?=\S)"
)
_SAID = re.compile(rf"{_HELLO}(?:(?P<labelled>{_LABELLED})|{_SAID_SO})(?P<name>\S.{{0,80}})", re.IGNORECASE)
_POLITE = re.compile(
    r"(?:[,，]? ?(?:please|thanks|thank you)|吧|就[好行]|就可以了?|好了|即可|[哦啦呀哈]|[,，]?谢谢)?[\s.。!！~～]*$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"'“‘「『《【\[(](.+)[\"'”’」』》】\])]")


@dataclass(frozen=True, slots=True)
class TakeName:
    """The player says how to be called."""

    name: str
    requires = Requires(enters=True)


def recognise_name(text: str, _shapes: CodeFormats) -> TakeName | None:
    """A text that says "my name is", in whole words, and then what may be a name: no sentence and no question."""
    said = _SAID.fullmatch(unicodedata.normalize("NFKC", unsigned(text)).strip())
    if said is None:
        return None
    if not any(map(str.isalpha, said["name"])):
        return TakeName("")
    name = _POLITE.sub("", said["name"])
    quoted = _QUOTED.fullmatch(name)
    named = quoted[1] if quoted else name
    return TakeName(named) if sounds_like_name(name, after_label=bool(said["labelled"])) else None


def take_name(ctx: Context, intent: TakeName) -> list[Reply]:
    """Keep the name, sealed: to be shown to others, or to be looked at before."""
    if ctx.campaign is None:
        return [Reply("campaign.none")]
    if not turn_to(ctx, lambda campaign: _calls_by_name(campaign.rules, ctx.message.place)):
        return [ctx.reception.unknown(ctx)]
    if (name := clean_name(intent.name)) is None:
        return [Reply("name.bad", {"most": LONGEST})]
    verdict = judge(name, ctx.campaign.rules, ctx.rows.setting(BlockedWords))
    if verdict == "blocked":
        return [Reply("name.blocked")]
    if ctx.player is None and ctx.campaign.why_closed(ctx.now):
        return [closed(ctx)]
    return [_keep(ctx, enter(ctx, ctx.campaign), name, verdict), *brought(ctx)]


def _keep(ctx: Context, player: Player, name: str, verdict: Verdict) -> Reply:
    if verdict == "waits" or was_refused(player):
        await_name(ctx.rows.keys, player, name, ctx.now)
        return Reply("name.waits", {"name": name})
    give_name(ctx.rows.keys, player, name)
    return Reply("name.taken", {"name": name})


def _calls_by_name(rules: Rules, place: Place) -> bool:
    names = rules.section(NameRules)
    return friends_on(rules, place) and (names is None or names.allowed)


ROUTE = Route("name", recognise_name, take_name, defers_to_prompt=True, kinds=SPOKEN, stage=Stage.PATTERN)
