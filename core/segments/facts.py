"""Rows that tell of players, each with the instant at which it happened: there are some, so many, so much, the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, null, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core import lists
from core.models import Player
from core.models.players import ROOT

_linked = aliased(Player)
Row = TypeVarTuple("Row")


class Fact(NamedTuple):
    """One of them, as it was read."""

    at: datetime | None
    item: str | None
    amount: int


Found = Mapping["Facts", Sequence[Fact]]
"""What was read of one player."""


class Between(NamedTuple):
    """A stretch of time: from ``since`` on, and before ``until``; None where it has no such end."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, at: datetime | None) -> bool:
        """Whether ``at`` lies in it; what has no instant lies in none that has an end."""
        if at is None:
            return self.since is None and self.until is None
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


ALWAYS = Between()


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Rows of a table that tell of players, and the instant of each: those of the player, and of whom was linked."""

    owner: InstrumentedAttribute[int]
    instant: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
    only: tuple[ColumnElement[bool], ...] = ()
    item: ColumnElement[Any] | InstrumentedAttribute[Any] | None = None
    """What each is of, as the words of a segment name it: a prize, a channel."""
    amount: InstrumentedAttribute[int] | None = None
    """How much each is; None where each counts as one."""
    beside: tuple[tuple[Any, ColumnElement[bool]], ...] = ()
    """Other tables that the rows are joined with, and by what."""
    follow: bool = False
    """Whether they follow a player who is linked, so that all are the player's own."""

    def exist(self, *further: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a row of the players' table has any of which ``further`` is true, too."""
        own = self._own(select(self.owner), further).exists()
        return own if self.follow else own | self._of_linked(select(self.owner), further).exists()

    def exist_since(self, since: datetime | None) -> ColumnElement[bool]:
        """Whether there is one of ``since`` or later."""
        return self.exist() if since is None else self.exist(self.instant >= since)

    def total(self, *further: ColumnElement[bool]) -> ColumnElement[int]:
        """How much they come to, or how many there are where each counts as one; never NULL."""
        what: ColumnElement[int] = func.count() if self.amount is None else func.coalesce(func.sum(self.amount), 0)
        counted = select(what).select_from(self.owner.class_)
        own = self._own(counted, further).scalar_subquery()
        return own if self.follow else own + self._of_linked(counted, further).scalar_subquery()

    def within(self, between: Between, items: Sequence[str] = ()) -> list[ColumnElement[bool]]:
        """What is true of the rows of a stretch of time, and of one of ``items`` where there are any."""
        found: list[ColumnElement[bool]] = []
        if between.since is not None:
            found.append(self.instant >= between.since)
        if between.until is not None:
            found.append(self.instant < between.until)
        if items:
            assert self.item is not None
            found.append(self.item.in_(sorted(items)))
        return found

    def latest(self) -> Select[int, datetime | None]:
        """The latest instant by player, of the players in the list ``ids``."""
        return self._listed(select(ROOT, func.max(self.instant))).group_by(ROOT)

    def each(self) -> Select[int, datetime | None, Any, int]:
        """Player, instant, item and amount of all of them, of the players in the list ``ids``."""
        item = null() if self.item is None else self.item
        amount: ColumnElement[int] = literal(1) if self.amount is None else cast(self.amount, BigInteger)
        return self._listed(select(ROOT, self.instant, item, amount))

    def _beside(self, statement: Select[*Row]) -> Select[*Row]:
        for table, joined_by in self.beside:
            statement = statement.join(table, joined_by)
        return statement

    def _own(self, statement: Select[Any], further: Sequence[ColumnElement[bool]]) -> Select[Any]:
        mine = self._beside(statement).where(self.owner == Player.id, *self.only, *further)
        return mine.correlate(Player)

    def _of_linked(self, statement: Select[Any], further: Sequence[ColumnElement[bool]]) -> Select[Any]:
        found = self._beside(statement.join(_linked, _linked.id == self.owner))
        return found.where(_linked.merged_into == Player.id, *self.only, *further).correlate(Player)

    def _listed(self, statement: Select[*Row]) -> Select[*Row]:
        mine = lists.among(Player.id, "ids") | lists.among(Player.merged_into, "ids")
        found = self._beside(statement.join_from(self.owner.class_, Player, Player.id == self.owner))
        return found.where(mine, *self.only)


def total(facts: Sequence[Fact], between: Between, items: Sequence[str] = ()) -> int:
    """How much of ``facts`` lies in a stretch of time, and is one of ``items`` where there are any."""
    return sum(each.amount for each in facts if between.has(each.at) and (not items or each.item in items))
