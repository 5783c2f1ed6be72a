"""Triggers: what a follow-up can count from, each one object of the mechanic in which it happens."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from core.answers import Line
from core.campaign.rules import Rules
from core.context import TurnRows
from core.models import Address, Player
from core.segments.reading import Lexicon
from core.segments.words import Predicate


class Occurrence(NamedTuple):
    """A trigger, once: to whom and when it happened, and its number where it may happen again to the same player."""

    campaign_id: int
    owner_id: int
    at: datetime
    number: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trigger:
    """Something that happens to players, by which event it is known at once and how it is found later."""

    name: str
    """As campaign files write it."""
    event: type[Any]
    occurred: Callable[[Any], Occurrence | None]
    """Of an event; None for one that does not count."""
    before: Callable[[TurnRows, Player], Iterable[Occurrence]]
    """All that has happened to a player, by what ``load`` has loaded."""
    load: Callable[[Session, TurnRows, Mapping[int, Player]], None] | None = None
    """Loads what ``before`` reads beside the rows of players, who are locked, and of their addresses."""
    misplaced: Callable[[Rules], Line | None] = lambda _rules: None
    """What to do where it never happens by these rules; None where it may."""
    undone: Predicate | None = None
    """Of whom this is true when something would be said: to them it has not happened after all."""
    moves_to: Callable[[Address], datetime] | None = None
    """When it happened last, where it happens again and again and only the last time counts."""


class Words(NamedTuple):
    """The words of all mechanics, by name."""

    segments: Lexicon
    triggers: Mapping[str, Trigger]
    verbs: frozenset[str] = frozenset()
    """The names of verbs, and of their groups."""
