"""Words for what is true of players: each one object, a condition in SQL and a check of what a turn has loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core import lists
from core.answers import Line
from core.campaign.rules import Rules
from core.models import Address, Player
from core.models.players import ROOT

_linked = aliased(Player)


class Asked(NamedTuple):
    """In what a word is asked: by which rules, at which instant, and since when it must have happened."""

    rules: Rules
    at: datetime
    since: datetime | None = None
    """None where it does not matter when it happened."""


class Seen(NamedTuple):
    """What is known of one player, who is locked, with the address that was heard last."""

    player: Player
    address: Address
    latest: datetime | None
    """The latest instant of what the word asks for beyond these rows; None where there is nothing."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows of a table that tell of players, and the instant of each: those of the player, and of whom was linked."""

    owner: InstrumentedAttribute[int]
    instant: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    only: tuple[ColumnElement[bool], ...] = ()

    def exist(self, *further: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a row of the players' table has any of which ``further`` is true, too."""
        of = (*self.only, *further)
        own = select(self.owner).where(self.owner == Player.id, *of)
        linked = select(self.owner).join(_linked, _linked.id == self.owner).where(_linked.merged_into == Player.id, *of)
        return own.correlate(Player).exists() | linked.correlate(Player).exists()

    def exist_since(self, asked: Asked) -> ColumnElement[bool]:
        """Whether there is one of :attr:`Asked.since` or later."""
        return self.exist() if asked.since is None else self.exist(self.instant >= asked.since)

    def latest(self) -> Select[int, datetime | None]:
        """The latest instant by player, of the players in the list ``ids``."""
        mine = lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids")
        table = self.owner.class_
        found = select(ROOT, func.max(self.instant)).join_from(table, Player, Player.id == self.owner)
        return found.where(mine, *self.only).group_by(ROOT)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predicate:
    """A word for what is true of some players; condition and check say the same of everybody."""

    name: str
    """As campaign files write it."""
    where: Callable[[Asked], ColumnElement[bool]]
    """The condition on a row of the players' table, of one that was not linked to an older one."""
    check: Callable[[Seen, Asked], bool]
    latest: Select[int, datetime | None] | None = None
    """Asks for what is not on the rows of player and address (:meth:`Facts.latest`); None where all is."""
    lasts: bool = False
    """Whether it stays true of whom it was true of, whatever happens."""
    as_reason: Callable[[Rules, str], Line | None] | None = None
    """What to do where it is no good reason by these rules to leave out what follows the trigger of this name.

    None as the whole where it never is one.
    """
    as_audience: Callable[[Rules], Line | None] | None = None
    """What to do where it makes no audience by these rules. None as the whole where it never makes one."""


def since_then(seen: Seen, asked: Asked) -> bool:
    """The check beside :meth:`Facts.exist_since`."""
    return seen.latest is not None and (asked.since is None or seen.latest >= asked.since)
