"""A result: something that players do, which tells whether it was worth to write to them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, null, select, union_all
from sqlalchemy.orm import Session

from core.answers import Line
from core.campaign.rules import Rules
from core.models import Player
from core.models.players import ROOT
from core.results.instants import later


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """Something that players do, and the rows that tell of it."""

    name: str
    """As campaign files and operators write it."""
    chinese: tuple[str, ...]
    """In Chinese, the usual one first."""
    says: str
    """What counts, in one sentence."""
    rows: Select[Any, Any, Any]
    """Columns ``player_id``, ``at`` and ``amount`` (hundredths of money, or NULL), a row for each time."""
    absent: Callable[[Rules], Line | None] = lambda _rules: None
    """Why nobody does it by these rules, and what to do; None where somebody may."""
    currency: Callable[[Rules], str | None] = lambda _rules: None
    """What its amounts are in; None where it has none."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """All of them, the name first."""
        return (self.name, *self.chinese)


def result_rows(player_id: Any, at: Any, amount: ColumnElement[int] | None = None) -> Select[Any, Any, Any]:
    """A statement of the columns that :attr:`Result.rows` has."""
    cents = cast(null() if amount is None else amount, BigInteger)
    return select(player_id.label("player_id"), at.label("at"), cents.label("amount"))


class Tally(NamedTuple):
    """What came of some people, each of whom had a moment."""

    people: int
    did: int
    """How many of them had a result within the time after their moment."""
    times: int
    """How many results that were."""
    cents: int
    """What those amount to."""


NOTHING = Tally(0, 0, 0, 0)


def tally(session: Session, result: Result, moments: Select[Any, Any, Any], within: timedelta) -> dict[Any, Tally]:
    """Who had ``result`` after their moment, and no later than ``within`` (whole seconds) after it. One statement.

    ``moments`` has the columns ``player_id``, ``since`` and ``arm``, and the answer is by arm. A person counts once,
    with whoever was linked to them: from their first moment on, and for the arm of that one. A moment that is NULL is
    none.
    """
    found = session.execute(_tallied(result, moments, within))
    return {arm: Tally(int(people), int(did), int(times), int(cents)) for arm, people, did, times, cents in found}


def _tallied(result: Result, moments: Select[Any, Any, Any], within: timedelta) -> Select[Any]:
    each = moments.subquery("moments")
    person = ROOT.label("person")
    order = (each.c.since, each.c.arm, each.c.player_id)
    placed = (
        select(
            person, each.c.since, each.c.arm, func.row_number().over(partition_by=ROOT, order_by=order).label("place")
        )
        .join(Player, Player.id == each.c.player_id)
        .where(each.c.since.is_not(None))
        .subquery("placed")
    )
    first = select(placed.c.person, placed.c.since, placed.c.arm).where(placed.c.place == 1).cte("first")
    own = select(first.c.person, first.c.since, first.c.arm, first.c.person.label("player_id"))
    linked = select(first.c.person, first.c.since, first.c.arm, Player.id).join(
        Player, Player.merged_into == first.c.person
    )
    whose, done = union_all(own, linked).subquery("whose"), result.rows.subquery("done")
    counts = (
        (done.c.player_id == whose.c.player_id)
        & (done.c.at > whose.c.since)
        & (done.c.at <= later(whose.c.since, within))
    )
    did = func.count(whose.c.person.distinct()).filter(done.c.player_id.is_not(None))
    cents = cast(func.coalesce(func.sum(done.c.amount), 0), BigInteger)
    return (
        select(whose.c.arm, func.count(whose.c.person.distinct()), did, func.count(done.c.player_id), cents)
        .outerjoin(done, counts)
        .group_by(whose.c.arm)
    )
