"""Language: switch between Chinese and English."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Needs, Route
from core.messages import Reply
from handlers.words import Means


@dataclass(frozen=True, slots=True)
class Speak:
    """The player wants to be spoken to in ``language``."""

    language: str
    needs = Needs()


def speak(ctx: Context, intent: Speak) -> list[Reply]:
    """Switch, and say so in the new language."""
    ctx.address.language = intent.language
    return [Reply("language.changed")]


CHINESE = Means(Speak("zh"), "中文", "汉语", "华语", "简体中文", "chinese", "zh", "语言中文", "language chinese")
ENGLISH = Means(Speak("en"), "english", "en", "英文", "英语", "语言英文", "language english")

ROUTES = (Route("language", CHINESE, speak), Route("language", ENGLISH, speak))
