"""Unknown: whatever nobody understood gets one short, helpful answer."""

from dataclasses import dataclass

from core.context import Context
from core.engine.routes import Needs, Route, Shapes
from core.messages import Reply


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
    """What is said to a text that nobody understood."""
    if ctx.campaign is None:
        return Reply("help.none")
    return Reply("unknown.answer" if ctx.campaign.rules.pays_codes() else "unknown.relay")


ROUTE = Route("unknown", recognise_anything, admit, yields=True, means=False)
