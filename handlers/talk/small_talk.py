"""Small talk: thanks, good-byes and smiles, which want a friendly word and nothing else."""

import re
import unicodedata
from dataclasses import dataclass

from core.context import Context
from core.engine.routes import CodeFormats, Requires, Route, Stage
from core.messages import Reply
from core.speech.decoration import is_smileys, parts
from core.speech.keywords import Means
from handlers.talk.help import is_new, welcome

_THANKS = re.compile("[多感太真谢您你们了 ]*谢[多感太真谢您你们了 ]*")


@dataclass(frozen=True, slots=True)
class Chat:
    """Nothing is asked."""

    agrees: bool = False
    """It may be a yes as well."""

    @property
    def requires(self) -> Requires:
        """The word to which it may agree."""
        return Requires(offered=int(self.agrees))


def recognise_smile(text: str, _shapes: CodeFormats) -> Chat | None:
    """A text of smileys alone, or of thanks in any number of words."""
    said = parts(text)
    smiles = is_smileys(text) or (not said and any(unicodedata.category(each) == "So" for each in text))
    return Chat() if smiles or _THANKS.fullmatch(said) else None


def is_talk(text: str) -> bool:
    """Whether ``text`` is small talk and nothing else, by the words alone."""
    return MEANS.lists(text) or any(
        each.recognise(text, frozenset()) is not None for each in (AGREE_ROUTE, SMILE_ROUTE)
    )


def smile_back(ctx: Context, _intent: Chat) -> list[Reply]:
    """Answer in kind; whoever is new hears what this is."""
    return [welcome(ctx) if ctx.campaign is not None and is_new(ctx) else Reply("talk.answer")]


MEANS = Means(
    Chat(),
    "thanks",
    "thank you",
    "thank you so much",
    "thanks a lot",
    "thx",
    "ty",
    "cheers",
    "ok thanks",
    "k",
    "got it",
    "great",
    "nice",
    "cool",
    "awesome",
    "wow",
    "lol",
    "haha",
    "good",
    "perfect",
    "bye",
    "goodbye",
    "good bye",
    "good night",
    "see you",
    "happy new year",
    "merry christmas",
    "谢谢",
    "谢谢你",
    "谢谢您",
    "谢了",
    "多谢",
    "感谢",
    "好吧",
    "嗯嗯",
    "哦",
    "收到",
    "知道了",
    "明白",
    "明白了",
    "太好了",
    "太棒了",
    "厉害",
    "哈哈",
    "哈哈哈",
    "呵呵",
    "再见",
    "拜拜",
    "晚安",
    "辛苦了",
    "新年快乐",
    offered=(),
    asked="talk",
)
ROUTE = Route("talk", MEANS, smile_back, defers_to_prompt=True)
AGREE_ROUTE = Route(
    "talk", Means(Chat(agrees=True), "ok", "okay", "好的", "好", "嗯", offered=()), smile_back, defers_to_prompt=True
)
SMILE_ROUTE = Route("talk", recognise_smile, smile_back, sets_language=False, defers_to_prompt=True, stage=Stage.LOOSE)
