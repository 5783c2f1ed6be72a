"""Unknown: whatever nobody understood gets one short, helpful answer."""

from dataclasses import dataclass

from core import questions
from core.context import Context
from core.engine.routes import CodeFormats, Requires, Route, Stage
from core.messages import Choice, InboundKind, Reply
from core.speech.answers import number_in, yes_or_no
from core.speech.keywords import plain
from core.speech.suggestions import nearest, offer
from handlers.talk.help import help_player, is_new, welcome
from handlers.talk.told import told_as

_DIGITS = 2
"""Of the longest number of a choice."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Any text; it may be the ``number`` of a word that was offered, or say no to it."""

    number: int = 0
    declines: bool = False

    @property
    def requires(self) -> Requires:
        """The words that were offered, where it is a number."""
        return Requires(offered=self.number)


def recognise_anything(text: str, _shapes: CodeFormats) -> Unknown:
    """Every text means at least this."""
    return Unknown(number_in(text) or 0, yes_or_no(text) is False)


def admit(ctx: Context, intent: Unknown) -> list[Reply]:
    """Say what would be understood."""
    return [admit_unknown(ctx, declines=intent.declines)]


def admit_unknown(ctx: Context, *, declines: bool = False) -> Reply:
    """What is said to a text that nobody understood.

    Whoever we never said a word to, or said none, is welcome instead. A tap that says no more than a number comes
    from a list whose taps did not name it yet, or from none that is open. One that ``declines`` says no.
    """
    if ctx.message.kind is InboundKind.TAPPED and ctx.message.text.isdecimal() and len(ctx.message.text) <= _DIGITS:
        return questions.closed(ctx)
    new = is_new(ctx)
    if ctx.message.typed and (words := nearest(ctx)):
        asked = offer(ctx, [(plain(word), word) for word in words], [Choice(word, word, listed=True) for word in words])
        return welcome(ctx, asked) if new and ctx.campaign is not None else asked
    if ctx.campaign is None:
        return Reply("unknown.none")
    if new:
        return welcome(ctx)
    if ctx.offered and declines:
        return help_player(ctx)[0]
    rules = ctx.campaign.rules
    return Reply("unknown.answer") if rules.pays_codes() else Reply(f"unknown.{told_as(rules)}")


ROUTE = Route(
    "unknown", recognise_anything, admit, defers_to_prompt=True, is_keyword=False, offers=True, stage=Stage.REST
)
