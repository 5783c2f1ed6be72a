"""Checks of the boards: what was rolled up, with the news that still wait, equals a recount of all torches."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from core.audit.faults import Books, Check, Fault
from core.models import Chain, RelayNews, Runner, RunnerDay, Tally, Torch
from core.relay import counting
from core.relay.tallies import LEVELS, MOST
from core.times import local_day

_STREAMED = {"yield_per": 5_000}
_FIRST = Torch.how != "relit"
Values = dict[tuple[int, str], Counter[int]]
"""How many things have each value, by campaign and set."""


def _sum(
    condition: ColumnElement[bool], amount: ColumnElement[int] | InstrumentedAttribute[int] | int = 1
) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, amount), else_=0)), 0)


_found = (
    select(
        Torch.chain_id,
        _sum(_FIRST).label("n"),
        _sum(Torch.state == "lit").label("lit"),
        func.max(Torch.leg).label("legs"),
    )
    .group_by(Torch.chain_id)
    .subquery()
)
_first_news = (RelayNews.what == "granted") & RelayNews.first
_coming = (
    select(
        RelayNews.chain_id,
        _sum(_first_news, RelayNews.amount).label("n"),
        _sum(RelayNews.what == "lit", RelayNews.amount).label("lit"),
        func.max(case((_first_news, RelayNews.leg), else_=0)).label("legs"),
    )
    .group_by(RelayNews.chain_id)
    .subquery()
)
_counted = func.coalesce(Chain.legs, 0)
_legs = case((_counted > func.coalesce(_coming.c.legs, 0), _counted), else_=_coming.c.legs)
_MISCOUNTED = (
    select(_found.c.chain_id)
    .outerjoin(Chain, Chain.id == _found.c.chain_id)
    .outerjoin(_coming, _coming.c.chain_id == _found.c.chain_id)
    .where(
        or_(
            func.coalesce(Chain.torches, 0) + func.coalesce(_coming.c.n, 0) != _found.c.n,
            func.coalesce(Chain.lit, 0) + func.coalesce(_coming.c.lit, 0) != _found.c.lit,
            func.coalesce(_legs, 0) != _found.c.legs,
        )
    )
)
_EMPTY = select(Chain.id).where(~exists().where(Torch.chain_id == Chain.id), Chain.torches > 0)


def _chains(books: Books) -> Iterator[Fault]:
    for chain_id in books.session.scalars(_MISCOUNTED):
        yield Fault(f"chain of player {chain_id}", "does not equal a recount of its torches")
    for chain_id in books.session.scalars(_EMPTY):
        yield Fault(f"chain of player {chain_id}", "has no torch")


_PASSED = select(Runner.player_id, Runner.passed)
_WAITING = (
    select(RelayNews.parent_id, func.sum(RelayNews.amount))
    .where(_first_news, RelayNews.parent_id.is_not(None))
    .group_by(RelayNews.parent_id)
)
_HANDED_ON = select(Torch.parent_id, func.count()).where(_FIRST, Torch.parent_id.is_not(None)).group_by(Torch.parent_id)
_DAYS = select(RunnerDay.player_id, func.sum(RunnerDay.passed)).group_by(RunnerDay.player_id)


def _runners(books: Books) -> Iterator[Fault]:
    counted: Counter[int] = Counter(dict(_pairs(books, _PASSED)))
    counted.update(dict(_pairs(books, _WAITING)))
    for player_id, count in _pairs(books, _HANDED_ON):
        if counted.pop(player_id, 0) != count:
            yield Fault(f"runner {player_id}", "does not equal a recount of the torches that came from there")
    yield from (Fault(f"runner {each}", "handed on no torch") for each, count in counted.items() if count)
    days = dict(_pairs(books, _DAYS))
    for player_id, passed in _pairs(books, _PASSED):
        if days.get(player_id, 0) != passed:
            yield Fault(f"runner {player_id}", "has days that do not add up")


def _pairs(books: Books, statement: Select[int | None, int]) -> Iterator[tuple[int, int]]:
    for key, count in books.session.execute(statement, execution_options=_STREAMED):
        yield int(key or 0), int(count)


_TALLIES = select(Tally)
_TORCHES = select(
    *(Torch.campaign_id, Torch.how, Torch.leg, Torch.parent_id),
    *(Torch.granted_at, Torch.state, Torch.lit_at),
)
_NEWS = select(RelayNews)


def _values(
    campaign_id: InstrumentedAttribute[int], column: InstrumentedAttribute[int], what: str
) -> Select[int, str, int, int]:
    """How many rows have each value of ``column``, for the set ``what`` of their campaign."""
    group = (campaign_id, literal(what), column)
    return select(*group, func.count()).where(column > 0).group_by(campaign_id, column)


_OF_ROWS = union_all(
    _values(Chain.campaign_id, Chain.legs, counting.CHAIN_LEGS),
    _values(Chain.campaign_id, Chain.lit, counting.CHAIN_LIT),
    _values(Runner.campaign_id, Runner.passed, counting.PASSED),
)
_day = (RunnerDay.campaign_id, RunnerDay.day, RunnerDay.passed)
_OF_DAYS = select(*_day, func.count()).where(RunnerDay.passed > 0).group_by(*_day)


def _tallies(books: Books) -> Iterator[Fault]:
    kept: Values = defaultdict(Counter)
    above: dict[tuple[int, str, int], Counter[int]] = defaultdict(Counter)
    for row in books.session.scalars(_TALLIES, execution_options=_STREAMED):
        if row.level == 0:
            kept[row.campaign_id, row.what][row.node] = row.count
        above[row.campaign_id, row.what, row.level][row.node] = row.count
    right = _recount(books)
    for campaign_id, what in sorted({*kept, *right}):
        if (
            +kept[campaign_id, what] != +right[campaign_id, what]
            or min(kept[campaign_id, what].values(), default=0) < 0
        ):
            yield Fault(f"counts of {what} of campaign {campaign_id}", "do not equal a recount")
        for level in range(1, LEVELS):
            summed: Counter[int] = Counter()
            for node, count in above[campaign_id, what, level - 1].items():
                summed[node >> 4] += count
            if +summed != +above[campaign_id, what, level]:
                yield Fault(f"counts of {what} of campaign {campaign_id}", f"do not add up on level {level}")


def _recount(books: Books) -> Values:
    """Every set anew from the torches, less the news that wait; those of chains and runners from their rows."""
    right: Values = defaultdict(Counter)
    zones = {campaign: rules[max(rules)].zone for campaign, rules in books.rules.items()}
    torches = books.session.execute(_TORCHES, execution_options=_STREAMED)
    for campaign_id, how, leg, parent_id, granted_at, state, lit_at in torches:
        first, day = how != "relit", local_day(granted_at, zones[campaign_id])
        _granted(right, campaign_id, day, leg if first else None, parent_id)
        if lit_at is not None:
            _lit(right, campaign_id, local_day(lit_at, zones[campaign_id]), int((lit_at - granted_at).total_seconds()))
        if state == "out":
            right[campaign_id, counting.OUT][0] += 1
    for news in books.session.scalars(_NEWS, execution_options=_STREAMED):
        if news.what == "granted":
            first_leg = news.leg if news.first else None
            _granted(right, news.campaign_id, news.day, first_leg, news.parent_id, amount=-news.amount)
        elif news.what == "lit":
            _lit(right, news.campaign_id, news.day, news.seconds or 0, -news.amount)
        else:
            right[news.campaign_id, counting.OUT][0] -= news.amount
    for campaign_id, what, value, count in books.session.execute(_OF_ROWS):
        right[campaign_id, what][value] = count
    for campaign_id, day, value, count in books.session.execute(_OF_DAYS):
        right[campaign_id, counting.passed_on(day)][value] = count
    return right


def _granted(
    values: Values, campaign_id: int, day: date, leg: int | None, parent_id: int | None, *, amount: int = 1
) -> None:
    """One torch more (or less), a player's first where ``leg`` is given."""
    values[campaign_id, counting.GRANTED][0] += amount
    values[campaign_id, counting.DAY_GRANTED][day.toordinal()] += amount
    if leg is not None:
        values[campaign_id, counting.LEG][leg] += amount
        values[campaign_id, counting.BROUGHT][0] += amount if parent_id is not None else 0


def _lit(values: Values, campaign_id: int, day: date, seconds: int, amount: int = 1) -> None:
    """One lit torch more (or less)."""
    values[campaign_id, counting.SECONDS][min(seconds, MOST)] += amount
    values[campaign_id, counting.DAY_LIT][day.toordinal()] += amount


CHECKS = (
    Check("every chain equals a recount of its torches", _chains),
    Check("every runner equals a recount of the torches that came from there", _runners),
    Check("every count of the boards equals a recount", _tallies),
)
