"""Link: make two addresses of one person one player, by a word that is said here and typed there."""

from dataclasses import dataclass

from core.alphabet import grouped
from core.context import Context
from core.engine.routes import SPOKEN, CodeFormats, Requires, Route, Stage
from core.messages import InboundKind, Reply
from core.speech.codes_in_text import whole
from core.speech.keywords import Means
from core.words import Kind, has_digit, is_word
from handlers.linking.load import LinkRequires
from handlers.linking.play import GOOD_FOR, link, link_word


@dataclass(frozen=True, slots=True)
class AskForLink:
    """The player wants to link another channel."""

    requires = Requires()


@dataclass(frozen=True, slots=True)
class UseLink:
    """A link word."""

    word: str

    @property
    def requires(self) -> Requires:
        """Where the word was said."""
        return Requires((LinkRequires(word=self.word),))


def ask_for_link(ctx: Context, _intent: AskForLink) -> list[Reply]:
    """Say a word to type on the other channel."""
    minutes = int(GOOD_FOR.total_seconds()) // 60
    return [Reply("link.word", {"word": grouped(link_word(ctx)), "minutes": minutes})]


def recognise_link(text: str, _shapes: CodeFormats) -> UseLink | None:
    """A text that is spelt like a link word."""
    if not has_digit(text):
        return None  # plain words
    return next((UseLink(word) for word in whole(text) if is_word(Kind.LINK, word)), None)


def use_link(ctx: Context, intent: UseLink) -> list[Reply]:
    """Become one player, or say why not."""
    outcome = link(ctx, intent.word)
    if outcome == "locked":
        return [Reply("redeem.locked", {"limit": 0})]
    balance = ctx.player.points if ctx.player else 0
    return [Reply(f"link.{outcome}", {"balance": balance})]


ROUTE = Route(
    "link",
    Means(AskForLink(), "link", "link accounts", "link account", "connect", "绑定", "关联", "关联账号", "绑定账号"),
    ask_for_link,
)
USE_ROUTE = Route(
    "use_link",
    recognise_link,
    use_link,
    sets_language=False,
    defers_to_prompt=True,
    kinds=SPOKEN | {InboundKind.OPENED},
    stage=Stage.PATTERN,
)
