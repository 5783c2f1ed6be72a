"""Rows that tell of players, each with the instant at which it happened: there are some, so many, so much, the last."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, literal, null, or_, select, true
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
    one_of: Callable[[Sequence[str]], ColumnElement[bool]] | None = None
    """Whether it is of one of some items, where :attr:`item` is an expression: a database knows columns only, how often
    each value is there, and guesses of an expression that it holds of next to nobody."""
    amount: InstrumentedAttribute[int] | None = None
    """How much each is; None where each counts as one."""
    beside: tuple[tuple[Any, ColumnElement[bool]], ...] = ()
    """Other tables that the rows are joined with, and by what."""
    follow: bool = False
    """Whether they follow a player who is linked, so that all are the player's own."""

    def exist(self, *further: ColumnElement[bool], sums: "Sums | None" = None) -> ColumnElement[bool]:
        """Whether a row of the players' table has any of which ``further`` is true, too.

        With ``sums``, which a whole statement has, they are read once for all players, and not looked up one by one.
        """
        if sums is not None and not self.follow:
            return sums.of(self, further, counted=True) > 0
        own = self._own(select(self.owner), further).exists()
        return own if self.follow else own | self._of_linked(select(self.owner), further).exists()

    def exist_since(self, since: datetime | None, sums: "Sums | None" = None) -> ColumnElement[bool]:
        """Whether there is one of ``since`` or later."""
        return self.exist(*([] if since is None else [self.instant >= since]), sums=sums)

    def total(self, *further: ColumnElement[bool], sums: "Sums | None" = None) -> ColumnElement[int]:
        """How much they come to, or how many there are where each counts as one; never NULL."""
        if sums is not None:
            return sums.of(self, further)
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
            found.append(self.item.in_(sorted(items)) if self.one_of is None else self.one_of(sorted(items)))
        return found

    def latest(self) -> Select[int, datetime | None]:
        """The latest instant by player, of the players in the list ``ids``."""
        return self._listed(select(ROOT, func.max(self.instant))).group_by(ROOT)

    def each(self) -> Select[int, datetime | None, Any, int]:
        """Player, instant, item and amount of all of them, of the players in the list ``ids``."""
        item = null() if self.item is None else self.item
        amount: ColumnElement[int] = literal(1) if self.amount is None else cast(self.amount, BigInteger)
        return self._listed(select(ROOT, self.instant, item, amount))

    def by_player(self, sums: Sequence["Sum"]) -> Select[Any]:
        """A row for each player who has any: ``root``, and each of ``sums`` as ``sum_0``, ``sum_1`` and so on."""
        root = self.owner.expression if self.follow else func.coalesce(_linked.merged_into, self.owner)
        columns: list[ColumnElement[Any]] = [root.label("root")]
        columns += [self._summed(each).label(f"sum_{place}") for place, each in enumerate(sums)]
        found = self._beside(select(*columns).select_from(self.owner.class_))
        if not self.follow:
            found = found.outerjoin(_linked, and_(_linked.id == self.owner, _linked.merged_into.is_not(None)))
        return found.where(*self.only, or_(*(and_(true(), *each.further) for each in sums))).group_by(root)

    def _summed(self, wanted: "Sum") -> ColumnElement[int]:
        what = func.count() if wanted.counted or self.amount is None else func.sum(self.amount)
        return what.filter(and_(true(), *wanted.further))

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


class Sum(NamedTuple):
    """What facts come to of which ``further`` is true; or how many there are, where they are ``counted``."""

    further: Sequence[ColumnElement[bool]]
    counted: bool


@dataclass(slots=True)
class Sums:
    """What facts come to for all players, for one statement: each kind of them is read once, and joined.

    Whoever writes the statement asks twice for the same sums, in the same order: first to say which they are, and then
    (:meth:`join`) for the columns. PostgreSQL would look up for each player what they did, and what each did who was
    linked to them (docs/engineering/decisions/0007-segments.md).
    """

    wanted: dict[Facts, list[Sum]] = field(default_factory=dict)
    _columns: dict[Facts, list[ColumnElement[int]]] = field(default_factory=dict)

    def of(self, facts: Facts, further: Sequence[ColumnElement[bool]], *, counted: bool = False) -> ColumnElement[int]:
        """The column of one sum, 0 for whoever has none; before the join a mere place."""
        if facts in self._columns:
            return self._columns[facts].pop(0)
        self.wanted.setdefault(facts, []).append(Sum(further, counted))
        return literal(0)

    def join(self, statement: Select[*Row]) -> Select[*Row]:
        """``statement``, which asks for players, with all sums that were wanted beside them."""
        for facts, sums in self.wanted.items():
            found = facts.by_player(sums).subquery()
            statement = statement.outerjoin(found, found.c.root == Player.id)
            self._columns[facts] = [func.coalesce(found.c[f"sum_{place}"], 0) for place in range(len(sums))]
        return statement


def total(facts: Sequence[Fact], between: Between, items: Sequence[str] = ()) -> int:
    """How much of ``facts`` lies in a stretch of time, and is one of ``items`` where there are any."""
    return sum(each.amount for each in facts if between.has(each.at) and (not items or each.item in items))
