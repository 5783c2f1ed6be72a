"""Small talk: thanks, good-byes and smiles, which want a friendly word and nothing else."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import CodeFormats, Requires, Route, Stage
from core.messages import Reply
from core.speech.keywords import Means
from core.speech.small_talk import AGREES, TALK, is_smile
from handlers.talk.help import is_new, welcome


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
    return Chat() if is_smile(text) else None


def smile_back(ctx: Context, _intent: Chat) -> list[Reply]:
    """Answer in kind; whoever is new hears what this is."""
    return [welcome(ctx) if ctx.campaign is not None and is_new(ctx) else Reply("talk.answer")]


ROUTE = Route("talk", Means(Chat(), *TALK.words, offered=(), asked=TALK.asked), smile_back, defers_to_prompt=True)
AGREE_ROUTE = Route("talk", Means(Chat(agrees=True), *AGREES.words, offered=()), smile_back, defers_to_prompt=True)
SMILE_ROUTE = Route("talk", recognise_smile, smile_back, sets_language=False, defers_to_prompt=True, stage=Stage.LOOSE)
