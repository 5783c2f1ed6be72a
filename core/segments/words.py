"""Words for what is true of players: each one object, a condition in SQL and a check of what was read of one player."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select

from core.answers import Line
from core.campaign.rules import Rules
from core.models import Address, Player
from core.segments.facts import Facts, Found, Sums


class Asked(NamedTuple):
    """In what a word is asked: by which rules, at which instant, and since when it must have happened."""

    rules: Rules
    at: datetime
    since: datetime | None = None
    """None where it does not matter when it happened."""
    sums: Sums | None = None
    """What a statement over all players has of each; None where few are looked at."""


class Seen(NamedTuple):
    """What is known of one player, with the address that was heard last."""

    player: Player
    address: Address
    latest: datetime | None = None
    """The latest instant of what the word asks for beyond these rows; None where there is nothing."""
    found: Found = MappingProxyType({})
    """What else was read."""


Values = Mapping[str, Sequence[str]]
"""How each value is spelt, by its name in the database; the name itself is a spelling, too."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Word:
    """A word of the language, with its spellings in both languages."""

    name: str
    """As campaign files write it in English."""
    chinese: tuple[str, ...] = ()
    """In Chinese, the usual one first."""
    also: tuple[str, ...] = ()
    """Other spellings in English."""
    says: str = ""
    """What it means, in one sentence."""
    absent: Callable[[Rules], Line | None] = lambda _rules: None
    """Why it is true of nobody by these rules, and what to do; None where it may be."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All of them, the name first."""
        return (self.name, *self.also, *self.chinese)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicate(Word):
    """A word that is true of some players; condition and check say the same of everybody."""

    where: Callable[[Asked], ColumnElement[bool]]
    """The condition on a row of the players' table, of one that was not linked to an older one; never NULL."""
    check: Callable[[Seen, Asked], bool]
    latest: Select[int, datetime | None] | None = None
    """Asks for what is not on the rows of player and address (:meth:`Facts.latest`); None where all is."""
    facts: tuple[Facts, ...] = ()
    """What :attr:`Seen.found` must have."""
    lasts: bool = False
    """Whether it stays true of whom it was true of, whatever happens."""
    as_reason: Callable[[Rules, str], Line | None] | None = None
    """What to do where it alone is no good reason by these rules to leave out what follows the trigger of this name."""
    as_audience: Callable[[Rules], Line | None] | None = None
    """What to do where it alone makes no audience by these rules."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Happening(Word):
    """What happened to players, or what they did: at all, so often, of something, in a stretch of time."""

    facts: Facts
    things: Callable[[Rules], Values] | None = None
    """What it may have been of (:attr:`Facts.item`), by the rules; None where nobody can say."""
    bare: Predicate | None = None
    """What the word alone means, where that is known without its facts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Number(Word):
    """A whole number that each player has: a column of their row, or what facts come to in a stretch of time."""

    column: ColumnElement[int] | None = None
    facts: Facts | None = None
    per: int = 1
    """So many of what is kept are one of what is written: 100 for cents."""
    units: tuple[str, ...] = ()
    """What may be written behind the number."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice(Word):
    """What players have one or more of a list of: each a fact with an item."""

    facts: Facts
    values: Values = field(default_factory=dict)
    """What is always in the list."""
    of_rules: Callable[[Rules], Values] | None = None
    """What else is in it, by the rules."""
    single: bool = False
    """Whether nobody has two."""
    unknowable: bool = False
    """Whether it is not known of those who have none; else they have none."""
    open: bool = False
    """Whether there may be values that no file knows."""

    def listed(self, rules: Rules | None) -> Values:
        """All that may be written behind it."""
        more = self.of_rules(rules) if self.of_rules is not None and rules is not None else {}
        return {**self.values, **more}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment(Word):
    """An instant that players have: a column of their row, or the last of facts."""

    column: ColumnElement[datetime] | None = None
    facts: Facts | None = None


def since_then(seen: Seen, asked: Asked) -> bool:
    """The check beside :meth:`Facts.exist_since`."""
    return seen.latest is not None and (asked.since is None or seen.latest >= asked.since)
