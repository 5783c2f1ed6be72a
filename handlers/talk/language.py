"""Language: switch to another one that a campaign speaks."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import CodeFormats, Requires, Route
from core.messages import Reply
from core.speech.campaign_choice import concerning
from core.speech.keywords import Means
from core.speech.own_words import SWITCH
from core.texts.formats import Languages
from core.texts.languages import is_language, own_name


@dataclass(frozen=True, slots=True)
class Speak:
    """The player wants to be spoken to in ``language``."""

    language: str
    requires = Requires()


def speak(ctx: Context, intent: Speak) -> list[Reply]:
    """Switch, and say so in the new language; where no campaign speaks it, say which the one that is meant does."""
    campaigns = concerning(ctx)
    found = next((each for each in campaigns if intent.language in each.rules.languages), None)
    if campaigns and found is None:
        return [Reply("language.only", {"languages": Languages(campaigns[0].rules.languages)})]
    ctx.address.language = intent.language
    if found is None:
        return [Reply("language.changed")]
    _, said_in = found.published.texts.speaking(intent.language).parts("language.changed")
    if said_in == intent.language:
        return [Reply("language.changed", campaign_id=found.id)]
    return [Reply("language.now", {"language": own_name(intent.language)}, campaign_id=found.id)]


def _switch(text: str, _formats: CodeFormats) -> Speak | None:
    """What a campaign's own name of a language means."""
    tag = text.removeprefix(SWITCH)
    return Speak(tag) if tag != text and is_language(tag) else None


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

ROUTES = tuple(Route("language", each, speak) for each in (CHINESE, ENGLISH, _switch))
