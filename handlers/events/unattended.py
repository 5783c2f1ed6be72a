"""Unattended: what an app sends by itself is answered where it plays a code or stops us, and nowhere else.

Two machines that answer each other have no end, and "we are away" is no answer to a question. But whoever schedules a
code for the morning has said it.
"""

from dataclasses import dataclass, replace

from core.context import Context
from core.engine.routes import Requires, Route, Stage
from core.messages import InboundKind, Reply
from handlers.codes import ALONE_ROUTE
from handlers.consent import STOP_ROUTE


@dataclass(frozen=True, slots=True)
class Automatic:
    """Nothing is meant."""

    requires = Requires()


def say_nothing(_ctx: Context, _intent: Automatic) -> list[Reply]:
    """Answer no machine."""
    return []


_KINDS = frozenset({InboundKind.UNATTENDED})

ROUTES = (
    replace(ALONE_ROUTE, name="unattended_code", ends_prompt=True, kinds=_KINDS, stage=Stage.EVENT),
    replace(STOP_ROUTE, name="unattended_stop", sets_language=False, ends_prompt=True, kinds=_KINDS, stage=Stage.EVENT),
    Route(
        "unattended",
        lambda _text, _shapes: Automatic(),
        say_nothing,
        sets_language=False,
        ends_prompt=True,
        kinds=_KINDS,
        stage=Stage.EVENT,
    ),
)
