"""A measure: one number that is told of a campaign, with its name, its unit, and the statement that counts it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NamedTuple, Self

from sqlalchemy import BigInteger, ColumnElement, FunctionElement, Select, String, and_, cast, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from core.campaign.grammar import Section
from core.campaign.published import read_rules
from core.campaign.rules import Rules
from core.models import CampaignVersion, Player
from core.randomness import first_id

_A_MILLISECOND = timedelta(milliseconds=1)

Instant = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
Owner = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]


class Unit(Enum):
    """What a value is of."""

    COUNT = "count"
    POINTS = "points"
    CENTS = "hundredths of money"
    MICROS = "millionths of money"
    """For what single texts cost."""


class Sum(Enum):
    """What the values of some days amount to."""

    FLOW = "flow"
    """So much happened: days add up."""
    BALANCE = "balance"
    """A day says by how much it changed; all days since the beginning add up to what there is."""
    DISTINCT = "distinct"
    """Everybody counts once, so days do not add up: a longer stretch is told as the mean of its days."""
    STANDING = "standing"
    """What there is now, and nobody knows what there was."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time of one campaign: from ``since`` on, and before ``until``."""

    campaign_id: int
    versions: Mapping[int, Rules]
    """All rules of it that were ever published, by version; there is one at least."""
    since: datetime
    until: datetime
    by_channel: bool = True
    """Whether anybody asks by channel: without that, nothing is looked up for it."""

    @classmethod
    def of(
        cls, session: Session, sections: tuple[type[Section], ...], campaign_id: int, since: datetime, until: datetime
    ) -> Self:
        """The stretch of time of the campaign with its rules, read. One query."""
        found = session.execute(
            select(CampaignVersion.version, CampaignVersion.rules).where(CampaignVersion.campaign_id == campaign_id)
        )
        versions = {version: read_rules(rules, sections) for version, rules in found}
        return cls(campaign_id, versions, since, until)

    def made(self, id_column: Owner) -> ColumnElement[bool]:
        """Whether a row may have been made in it, by an id that tells the millisecond (core.randomness.new_id)."""
        return and_(id_column >= first_id(self.since), id_column < first_id(self.until + _A_MILLISECOND))

    @property
    def rules(self) -> Rules:
        """Those of the newest version."""
        return self.versions[max(self.versions)]

    def has(self, instant: Instant) -> ColumnElement[bool]:
        """Whether the instant in a column lies in it."""
        return and_(instant >= self.since, instant < self.until)


class Tally(NamedTuple):
    """What was counted: the value, and how many rows of the database it was made of."""

    value: int
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Counting:
    """Which rows are counted, and as what: those of which ``only`` is true."""

    rows: Select[Any]
    """The channel of each row, or NULL; grouped by it where there may be several."""
    only: ColumnElement[bool] | None = None
    value: FunctionElement[Any] | None = None
    """An aggregate; without it each row is one."""
    called: str | None = None
    """What all countings in a period are called that have the same ``rows``: one statement counts them all."""

    def alone(self) -> Select[Any]:
        """Gives rows of channel, value and number of rows."""
        rows = self.rows if self.only is None else self.rows.where(self.only)
        return rows.add_columns(func.count() if self.value is None else whole(self.value), func.count())

    def beside_others(self) -> tuple[ColumnElement[int], ColumnElement[int]]:
        """Value and number of rows, as columns of a statement that counts others of its rows as well."""
        value, rows = self.value if self.value is not None else func.count(), func.count()
        if self.only is None:
            return whole(value), rows
        return whole(value.filter(self.only)), rows.filter(self.only)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measure:
    """One number of a campaign.

    The channel of what concerns a player is that of the address by which the player joined.
    """

    name: str
    chinese: str
    says: str
    """What it counts, in one sentence."""
    counts: Callable[[Period], Counting]
    unit: Unit = Unit.COUNT
    sum: Sum = Sum.FLOW
    by_channel: bool = True
    """Whether it can be told by channel."""
    channel_of: Callable[[str], str] = str
    """What channel the first column of a row means."""
    kept: bool = True
    """Whether the days of the past are kept; what changes afterwards, and is few, is always counted anew."""
    told: Callable[[Rules], bool] = lambda _: True
    """Whether a campaign by these rules has it."""
    times: Callable[[Rules], int] = lambda _: 1
    """What the newest rules multiply the count by."""
    of: str = ""
    """The measure whose values it is a multiple of, where that one's days are kept and its own are not."""


def count(session: Session, measure: Measure, period: Period) -> dict[str, Tally]:
    """Count from the rows themselves, by channel; "" is the channel of what has none. One query.

    Channels of which there is nothing are left out.
    """
    return count_all(session, [measure], period)[measure.name]


def count_all(session: Session, measures: Sequence[Measure], period: Period) -> dict[str, dict[str, Tally]]:
    """What :func:`count` finds, by measure. One query for each kind of rows that they are counted from."""
    found: dict[str, dict[str, Tally]] = {each.name: {} for each in measures}
    for group in _of_same_rows([(each, each.counts(period)) for each in measures]):
        for channel, *values in session.execute(_counting([counting for _, counting in group])):
            for (measure, _), value, rows in zip(group, values[::2], values[1::2], strict=True):
                if rows:
                    where = measure.channel_of(channel) if channel else ""
                    _add(found[measure.name], where, Tally(int(value) * measure.times(period.rules), int(rows)))
    return found


def _add(found: dict[str, Tally], channel: str, tally: Tally) -> None:
    before = found.get(channel, Tally(0, 0))
    found[channel] = Tally(before.value + tally.value, before.rows + tally.rows)


def _of_same_rows(countings: Sequence[tuple[Measure, Counting]]) -> list[list[tuple[Measure, Counting]]]:
    groups: dict[str, list[tuple[Measure, Counting]]] = {}
    for measure, counting in countings:
        groups.setdefault(counting.called or measure.name, []).append((measure, counting))
    return list(groups.values())


def _counting(countings: Sequence[Counting]) -> Select[Any]:
    """Gives rows of channel, and then value and number of rows of each."""
    if len(countings) == 1:
        return countings[0].alone()
    return countings[0].rows.add_columns(*(column for each in countings for column in each.beside_others()))


def total(counted: Mapping[str, Tally]) -> int:
    """The value of all channels together."""
    return sum(tally.value for tally in counted.values())


ALL_CHANNELS = literal(None, String)
"""In place of a channel, where nobody asks for it or there is none."""


def happened(
    owner: Owner,
    instant: Instant,
    *only: ColumnElement[bool],
    value: ColumnElement[Any] | InstrumentedAttribute[int] | None = None,
) -> Callable[[Period], Counting]:
    """Count rows of a table that tell of players, by their channel: those of which ``only`` is true.

    ``value`` is summed up; without it each row is one. The table has a column ``campaign_id``.
    """
    table = owner.class_
    chosen, summed = (and_(*only) if only else None), (None if value is None else func.sum(value))
    called = f"{owner} by {instant}"

    def counts(period: Period) -> Counting:
        mine = (table.campaign_id == period.campaign_id, period.has(instant))
        if not period.by_channel:
            return Counting(select(ALL_CHANNELS).select_from(table).where(*mine), chosen, summed, called)
        found = select(Player.channel).select_from(table)
        of_players = found if table is Player else found.join(Player, Player.id == owner)
        return Counting(of_players.where(*mine).group_by(Player.channel), chosen, summed, called)

    return counts


def whole(value: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum as the whole number that it is; PostgreSQL makes a decimal of it."""
    return cast(func.coalesce(value, 0), BigInteger)
