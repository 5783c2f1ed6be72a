"""Language: switch between Chinese and English."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Requires, Route
from core.messages import Reply
from core.speech.keywords import Means


@dataclass(frozen=True, slots=True)
class Speak:
    """The player wants to be spoken to in ``language``."""

    language: str
    requires = Requires()


def speak(ctx: Context, intent: Speak) -> list[Reply]:
    """Switch, and say so in the new language."""
    ctx.address.language = intent.language
    return [Reply("language.changed")]


_ZH = ("说中文", "讲中文", "用中文", "中文可以吗", "可以说中文吗", "speak chinese", "in chinese", "switch to chinese")
_EN = (
    "说英文",
    "用英文",
    "speak english",
    "in english",
    "switch to english",
    "can you speak english",
    "english version",
)
CHINESE = Means(Speak("zh"), "中文", "汉语", "华语", "简体中文", "chinese", "zh", "语言中文", "language chinese", *_ZH)
ENGLISH = Means(Speak("en"), "english", "en", "英文", "英语", "语言英文", "language english", *_EN)

ROUTES = (Route("language", CHINESE, speak), Route("language", ENGLISH, speak))
