"""Routes: how a text becomes an intent, and which handler answers it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.context import Context
from core.messages import Reply

Shapes = frozenset[tuple[int, bool]]
"""(length, ends in a check symbol) of all codes that could be meant."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The rows that an intent names, for the turn to load."""

    code: str | None = None
    """A normalised code."""
    history: bool = False
    """The player's latest movements of points."""


class Intent(Protocol):
    """What a text means."""

    @property
    def needs(self) -> Needs:
        """The rows that its handler will read or change."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """One intent: how it is recognised in a text (pure; None when it is not meant) and how it is answered."""

    name: str
    recognise: Callable[[str, Shapes], Intent | None]
    handle: Callable[[Context, Any], list[Reply]]
    speaks: bool = True
    """False when the text is no words of a language, such as a code."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """A text's intent and the route that answers it."""

    route: Route
    intent: Intent


def recognise(text: str, shapes: Shapes, routes: Sequence[Route]) -> Recognised:
    """The first route that recognises ``text``; the last one in ``routes`` must recognise everything."""
    for route in routes:
        if (intent := route.recognise(text, shapes)) is not None:
            return Recognised(route, intent)
    raise LookupError("the last route must recognise every text")
