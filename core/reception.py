"""The reception: who answers where no mechanic is concerned, as whoever stands behind a counter does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.context import Context
from core.messages import Reply


class Welcome(Protocol):
    """What is said to whoever is new here."""

    def __call__(self, ctx: Context, *asked: Reply) -> Reply:
        """What this is, the first step, and what is ``asked`` besides."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What any mechanic may leave to it; none of it requires a row."""

    help: Callable[[Context], list[Reply]]
    """What can be done here."""
    welcome: Welcome
    unknown: Callable[[Context], Reply]
    """What is said to a text that nobody understood."""
    leaves: Callable[[str], bool]
    """Whether a text is a word that leaves the question which waits."""
    leave: Callable[[Context], list[Reply]]
    """Leave it."""
