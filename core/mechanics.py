"""A mechanic: one thing that a campaign can do, as the engine sees it; and all of them together.

The engine knows no mechanic by name. What it recognises, asks, fires and checks is derived from the tuple that the
composition root hands in, whose order is the precedence of what is recognised at the same stage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self, TypeVar

from core.audit.faults import Check
from core.engine.routes import Route, Topic
from core.timers.kinds import TimerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanic:
    """One mechanic, whole."""

    name: str
    routes: Sequence[Route] = ()
    """Its intents, those that are tried first before the others of their stage."""
    topics: Sequence[Topic] = ()
    """What it asks."""
    timers: Mapping[str, TimerKind] = field(default_factory=dict)
    """What falls due, by the name of its kind."""
    checks: Sequence[Check] = ()
    """Its invariants, for the audit."""


@dataclass(frozen=True, slots=True)
class Mechanics:
    """What the engine derives from all mechanics of a product."""

    each: tuple[Mechanic, ...]
    routes: tuple[Route, ...]
    """In the order in which a text is tried."""
    topics: Mapping[str, Topic]
    timers: Mapping[str, TimerKind]
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, *each: Mechanic) -> Self:
        """What ``each`` have, in their order; routes by their stages first.

        Raises ValueError where two have one name, or a question or a kind of timer of one name.
        """
        return cls(
            each,
            tuple(sorted((route for one in each for route in one.routes), key=lambda route: route.stage)),
            _by_name([topic for one in each for topic in one.topics]),
            _by_name([kind for one in each for kind in one.timers.values()]),
            tuple(check for one in _by_name(each).values() for check in one.checks),
        )


_Named = TypeVar("_Named", Mechanic, Topic, TimerKind)


def _by_name(each: Sequence[_Named]) -> dict[str, _Named]:
    found = {one.name: one for one in each}
    if len(found) < len(each):
        names = [one.name for one in each]
        raise ValueError(f"two have one name: {sorted({name for name in names if names.count(name) > 1})}")
    return found
