"""Shared: one's own number, or a place, which a delivery asks for; anywhere else, what to do with it."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import CodeFormats, Requires, Route, Stage
from core.messages import InboundKind, Reply


@dataclass(frozen=True, slots=True)
class Shared:
    """Something that is no words, and may be the answer to a question."""

    requires = Requires()


def take_number(_ctx: Context, _intent: Shared) -> list[Reply]:
    """Say when the number is of use: nobody is called, and no friend was meant."""
    return [Reply("shared.number")]


def take_place(_ctx: Context, _intent: Shared) -> list[Reply]:
    """Say that a courier needs an address in words."""
    return [Reply("shared.place")]


def _in_words(text: str, _shapes: CodeFormats) -> Shared | None:
    """A place that has an address; a point on a map has none."""
    return Shared() if text.strip() else None


_PLACE = frozenset({InboundKind.LOCATED})
ROUTES = (
    Route(
        "own_number",
        lambda _text, _shapes: Shared(),
        take_number,
        sets_language=False,
        defers_to_prompt=True,
        kinds=frozenset({InboundKind.OWN_NUMBER}),
        stage=Stage.EVENT,
    ),
    Route("place", _in_words, take_place, sets_language=False, defers_to_prompt=True, kinds=_PLACE, stage=Stage.EVENT),
    Route("point", lambda _text, _shapes: Shared(), take_place, sets_language=False, kinds=_PLACE, stage=Stage.EVENT),
)
