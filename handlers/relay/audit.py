"""Checks of torches: lit by the first friend in time and by nobody else, in their place, never forgotten."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from core.audit.faults import Books, Check, Fault
from core.campaign.rules import Rules
from core.lists import among
from core.models import Address, Join, Player, Timer
from core.models.players import ROOT
from core.places import place_named
from core.times import local_day
from core.words import Mark, row_number
from handlers.invites import Invite
from handlers.relay import rollup as counting
from handlers.relay.rank_index import LEVELS, MOST
from handlers.relay.rules import RelayRules, relay_on
from handlers.relay.tables import Chain, QuotaDay, RelayNews, Runner, RunnerDay, Tally, Torch
from handlers.relay.torches import OUT, perk_code

_STREAMED = {"yield_per": 5_000}
_KEY = (Torch.player_id, Torch.number)


def torch_fault(player_id: int, number: int, wrong: str) -> Fault:
    """A fault of one torch."""
    return Fault(f"torch {number} of {row_number(Mark.FRIEND, player_id)}", wrong)


_friend, _passer, _holder = aliased(Invite), aliased(Player), aliased(Player)
_brought = (
    select(_friend.player_id)
    .join(_passer, _passer.id == _friend.inviter_id)
    .join(_holder, _holder.id == Torch.player_id)
    .where(
        _friend.player_id == Torch.lit_by,
        _friend.joined_at == Torch.lit_at,
        func.coalesce(_passer.merged_into, _passer.id) == func.coalesce(_holder.merged_into, _holder.id),
    )
)
_LIT_BY_NOBODY = select(*_KEY).where(Torch.state == "lit", ~exists(_brought))
_in_time = (
    exists()
    .where(Invite.inviter_id == Torch.player_id, Invite.joined_at >= Torch.granted_at)
    .where(Invite.joined_at < Torch.ends_at, or_(Torch.lit_at.is_(None), Torch.lit_at > Invite.joined_at))
    .where(Join.player_id == Invite.player_id, Join.address_key == Address.key)
    .where(Join.joined_at == Invite.joined_at)
    .where(or_(among(Address.channel, "always_on"), among(Address.channel + "/" + Address.account, "always_on")))
)
_NOT_LIT = select(*_KEY).where(Torch.campaign_id == bindparam("campaign_id"), _in_time)


def _lit(books: Books) -> Iterator[Fault]:
    for player_id, number in books.session.execute(_LIT_BY_NOBODY):
        yield torch_fault(player_id, number, "is lit, but not by a friend of its player who joined then")
    for campaign_id, versions in books.rules.items():
        names = {name for rules in versions.values() for name in (*rules.channels, *_handed_on_at(rules))}
        always = (name for name in names if all(relay_on(rules, place_named(name)) for rules in versions.values()))
        if not (always_on := sorted(always)):
            continue
        named = {"campaign_id": campaign_id, "always_on": always_on}
        for player_id, number in books.session.execute(_NOT_LIT, named):
            yield torch_fault(player_id, number, "was not lit by the first friend who joined in its window")


def _handed_on_at(rules: Rules) -> Sequence[str]:
    """The places that the file names for torches alone."""
    relay = rules.section(RelayRules)
    return (relay.channels if relay else None) or ()


_parent, _before, _mine, _its = aliased(Torch), aliased(Torch), aliased(Player), aliased(Player)
_handed = exists().where(
    _parent.player_id == Torch.parent_id,
    _parent.number == Torch.parent_number,
    _parent.chain_id == Torch.chain_id,
    _parent.leg == Torch.leg - 1,
    _parent.campaign_id == Torch.campaign_id,
)
_same_place = and_(
    _before.chain_id == Torch.chain_id,
    _before.leg == Torch.leg,
    func.coalesce(_before.parent_id, 0) == func.coalesce(Torch.parent_id, 0),
    _before.granted_at < Torch.granted_at,
)
_one = func.coalesce(_mine.merged_into, _mine.id) == func.coalesce(_its.merged_into, _its.id)
_again = exists().where(_same_place, _mine.id == Torch.player_id, _its.id == _before.player_id, _one)
_begins = and_(Torch.leg == 1, Torch.chain_id == Torch.player_id)
_MISPLACED = select(*_KEY).where(
    or_(
        and_(Torch.how == "relit", ~_again),
        and_(Torch.how != "relit", Torch.number != 1),
        and_(Torch.how != "relit", Torch.leg == 1, ~_begins),
        and_(Torch.leg > 1, ~_handed),
    )
)


def _placed(books: Books) -> Iterator[Fault]:
    for player_id, number in books.session.execute(_MISPLACED):
        yield torch_fault(player_id, number, "does not stand where its chain puts it")
    yield from _handed_by_inviters(books)


_passed = select(ROOT).where(Player.id == Torch.parent_id).scalar_subquery()
_inviter = select(ROOT).join(Invite, Invite.inviter_id == Player.id).where(Invite.player_id == Torch.player_id)
_foreign = ~exists().where(Player.id == Torch.player_id, Player.campaign_id == Torch.campaign_id)
_not_by = and_(Torch.how != "relit", Torch.leg > 1, _passed.is_distinct_from(_inviter.scalar_subquery()))
_FROM_ANOTHER = select(*_KEY).where(or_(_foreign, _not_by))


def _handed_by_inviters(books: Books) -> Iterator[Fault]:
    """A first torch comes from the one who brought its player in, and holds a place of the player's own campaign."""
    for player_id, number in books.session.execute(_FROM_ANOTHER):
        yield torch_fault(player_id, number, "came from somebody who did not bring its player in")


_timer = exists().where(
    Timer.owner_id == Torch.player_id,
    Timer.kind == OUT,
    Timer.subject == cast(Torch.number, String),
    Timer.due_at == Torch.ends_at,
    Timer.state.in_(("due", "failed")),
)
_WITHOUT_TIMER = select(*_KEY).where(Torch.state == "unlit", ~_timer)


def _timed(books: Books) -> Iterator[Fault]:
    for player_id, number in books.session.execute(_WITHOUT_TIMER):
        yield torch_fault(player_id, number, "waits for a friend, and no clock would ever put it out")


_FROM_QUOTA = select(Torch.campaign_id, Torch.granted_at).where(Torch.how == "quota")
_QUOTAS = select(QuotaDay)
_WITH_PERK = select(Torch).where(Torch.perk.is_not(None))


def _given(books: Books) -> Iterator[Fault]:
    zones = {campaign: rules[max(rules)].zone for campaign, rules in books.rules.items()}
    given: Counter[tuple[int, object]] = Counter()
    for campaign_id, at in books.session.execute(_FROM_QUOTA, execution_options=_STREAMED):
        given[campaign_id, local_day(at, zones[campaign_id])] += 1
    for quota in books.session.scalars(_QUOTAS):
        if quota.taken != given.pop((quota.campaign_id, quota.day), 0):
            yield Fault(f"quota of campaign {quota.campaign_id} on {quota.day}", "does not equal the torches given out")
    for campaign_id, day in given:
        yield Fault(f"quota of campaign {campaign_id} on {day}", "was never counted")
    for torch in books.session.scalars(_WITH_PERK, execution_options=_STREAMED):
        if torch.perk_hash != books.keys.index("perk", perk_code(books.keys, torch)):
            yield torch_fault(torch.player_id, torch.number, "has a perk that staff would not find")


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
                yield Fault(
                    f"counts of {what} of campaign {campaign_id}", "do not add up on level {level}", {"level": level}
                )


def _recount(books: Books) -> Values:
    """Every set anew from the torches, less the news that wait; those of chains and runners from their rows."""
    right: Values = defaultdict(Counter)
    zones = {campaign: rules[max(rules)].zone for campaign, rules in books.rules.items()}
    torches = books.session.execute(_TORCHES, execution_options=_STREAMED)
    for campaign_id, how, leg, parent_id, granted_at, state, lit_at in torches:
        first, day = how != "relit", local_day(granted_at, zones[campaign_id])
        _granted(right, campaign_id, day, leg if first else None, parent_id)
        if lit_at is not None:
            _board_lit(
                right, campaign_id, local_day(lit_at, zones[campaign_id]), int((lit_at - granted_at).total_seconds())
            )
        if state == "out":
            right[campaign_id, counting.OUT][0] += 1
    for news in books.session.scalars(_NEWS, execution_options=_STREAMED):
        if news.what == "granted":
            first_leg = news.leg if news.first else None
            _granted(right, news.campaign_id, news.day, first_leg, news.parent_id, amount=-news.amount)
        elif news.what == "lit":
            _board_lit(right, news.campaign_id, news.day, news.seconds or 0, -news.amount)
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


def _board_lit(values: Values, campaign_id: int, day: date, seconds: int, amount: int = 1) -> None:
    """One lit torch more (or less)."""
    values[campaign_id, counting.SECONDS][min(seconds, MOST)] += amount
    values[campaign_id, counting.DAY_LIT][day.toordinal()] += amount


_WAITING_NAMES = select(Player.id).where(
    Player.name_waiting_sealed.is_not(None) & (Player.name_waiting_at.is_(None) | Player.merged_into.is_not(None))
    | Player.name_waiting_sealed.is_(None) & Player.name_waiting_at.is_not(None)
)


def _waiting_names(books: Books) -> Iterator[Fault]:
    for player_id in books.session.scalars(_WAITING_NAMES):
        yield Fault(f"player {player_id}", "has a name that nobody would ever look at")


CHECKS = (
    Check("every torch is lit by the first friend in its window, and by nobody else", _lit),
    Check("every torch stands in its place in the chain, behind the one who handed it on", _placed),
    Check("every torch that waits has its timer", _timed),
    Check("every torch of a quota and every perk is counted and found", _given),
    Check("every chain equals a recount of its torches", _chains),
    Check("every runner equals a recount of the torches that came from there", _runners),
    Check("every count of the boards equals a recount", _tallies),
    Check("every name that waits is on the list of those that do", _waiting_names),
)
