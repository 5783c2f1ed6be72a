"""Unknown: whatever nobody understood gets one short, helpful answer."""

from dataclasses import dataclass

from core import questions
from core.context import Context
from core.engine.routes import SPOKEN, Needs, Route, Shapes
from core.messages import Manner, Reply
from handlers.help import welcome

_DIGITS = 2
"""Of the longest number of a choice."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Any text."""

    needs = Needs()


def recognise_anything(_text: str, _shapes: Shapes) -> Unknown:
    """Every text means at least this."""
    return Unknown()


def admit(ctx: Context, _intent: Unknown) -> list[Reply]:
    """Say what would be understood."""
    return [admit_unknown(ctx)]


def admit_unknown(ctx: Context) -> Reply:
    """What is said to a text that nobody understood.

    Whoever we never said a word to, or said none, is welcome instead. A tap that says no more than a number comes
    from a list whose taps did not name it yet, or from none that is open.
    """
    if ctx.message.manner is Manner.TAPPED and ctx.message.text.isdecimal() and len(ctx.message.text) <= _DIGITS:
        return questions.closed(ctx)
    if ctx.campaign is None:
        return Reply("unknown.none")
    if not ctx.address.said_count or ctx.message.manner not in SPOKEN:
        return welcome(ctx)
    return Reply("unknown.answer" if ctx.campaign.rules.pays_codes() else "unknown.relay")


ROUTE = Route("unknown", recognise_anything, admit, yields=True, means=False)
