"""Roll up what happened to torches into the counts of the boards: exactly once, by any number of clocks.

A turn writes news, an append that nobody waits for; here some thousand of them become a few changed rows, and are
deleted in the same transaction. So no turn waits for a row that everybody changes, and no board walks a tree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core import bulk, database, lists
from core.engine.runtime import Runtime
from core.models.base import Base, table_of
from handlers.relay.rank_index import Spot, write_tallies
from handlers.relay.tables import Chain, RelayNews, Runner, RunnerDay

CHUNK = 2000

_NEWS = database.taken(select(RelayNews).limit(CHUNK), RelayNews.id, RelayNews)
_CHAINS = database.locked(select(Chain).where(lists.among(Chain.id, "ids")), Chain.id, Chain)
_RUNNERS = database.locked(select(Runner).where(lists.among(Runner.player_id, "ids")), Runner.player_id, Runner)
_DAYS = database.locked(
    select(RunnerDay)
    .where(lists.among(RunnerDay.player_id, "ids"), lists.among(RunnerDay.day, "days"))
    .order_by(RunnerDay.player_id),
    RunnerDay.day,
    RunnerDay,
)

LEG, SECONDS, OUT, GRANTED, BROUGHT = "leg", "seconds", "out", "granted", "brought"
"""Sets of counts: legs of players, seconds to light, torches that went out, were granted, and were handed on."""
CHAIN_LEGS, CHAIN_LIT, PASSED = "chain.legs", "chain.lit", "passed"
"""Sets of counts for places: chains by legs and by lit torches, players by friends who took a torch from them."""
DAY_GRANTED, DAY_LIT = "day.granted", "day.lit"


def passed_on(day: date) -> str:
    """The set of players by the friends of one campaign day."""
    return f"passed.{day.isoformat()}"


def roll_up(runtime: Runtime) -> int:
    """Count all news that there are; returns how many."""
    total = 0
    while counted := _roll_up_some(runtime):
        total += counted
    return total


def _roll_up_some(runtime: Runtime) -> int:
    if not database.finds(runtime.sessions, select(RelayNews.id)):
        return 0
    with runtime.sessions.begin() as session:
        news = session.scalars(_NEWS).all()
        if not news:
            return 0
        tallies: Counter[Spot] = Counter()
        for each in news:
            _count(tallies, each)
        _count_chains(session, tallies, news)
        _count_runners(session, tallies, news)
        ids = [each.id for each in news]
        bulk.write_changes(session)
        write_tallies(session, tallies)
        session.execute(delete(RelayNews).where(lists.among(RelayNews.id, "ids")), {"ids": ids})
        return len(ids)


def _count(tallies: Counter[Spot], news: RelayNews) -> None:
    """What one piece of news says of the campaign as a whole."""

    def add(what: str, value: int = 0) -> None:
        tallies[Spot(news.campaign_id, what, value)] += news.amount

    match news.what:
        case "granted":
            add(GRANTED)
            add(DAY_GRANTED, news.day.toordinal())
            if news.first:
                add(LEG, news.leg)
            if news.first and news.parent_id is not None:
                add(BROUGHT)
        case "lit":
            add(SECONDS, news.seconds or 0)
            add(DAY_LIT, news.day.toordinal())
        case _:
            add(OUT)


def _count_chains(session: Session, tallies: Counter[Spot], news: Sequence[RelayNews]) -> None:
    mine = [each for each in news if each.what == "lit" or (each.what == "granted" and each.first)]
    began = {each.chain_id: each for each in reversed(mine)}
    new = [_no_chain(began[chain_id]) for chain_id in sorted(began)]
    bulk.claim(session, table_of(Chain), new, table_of(Chain).c.id)
    chains = {chain.id: chain for chain in session.scalars(_CHAINS, {"ids": sorted(began)})}
    before = {chain.id: (chain.legs, chain.lit) for chain in chains.values()}
    for each in mine:
        chain = chains[each.chain_id]
        if each.what == "lit":
            chain.lit += each.amount
            continue
        chain.torches += each.amount
        if each.leg > chain.legs:
            chain.legs, chain.reached_at = each.leg, each.at
        elif each.leg == chain.legs:
            chain.reached_at = min(chain.reached_at, each.at)
    for chain in chains.values():
        legs, lit = before[chain.id]
        _move(tallies, chain.campaign_id, CHAIN_LEGS, legs, chain.legs)
        _move(tallies, chain.campaign_id, CHAIN_LIT, lit, chain.lit)


def _no_chain(news: RelayNews) -> Mapping[str, object]:
    counts = {"torches": 0, "lit": 0, "legs": 0}
    return {"id": news.chain_id, "campaign_id": news.campaign_id, **counts, "reached_at": news.at}


def _count_runners(session: Session, tallies: Counter[Spot], news: Sequence[RelayNews]) -> None:
    """Count friends for whoever handed them a torch, in all and on their day."""
    passed: Counter[tuple[int, int]] = Counter()
    by_day: Counter[tuple[int, date, int]] = Counter()
    for each in news:
        if each.what == "granted" and each.first and each.parent_id is not None:
            passed[each.parent_id, each.campaign_id] += each.amount
            by_day[each.parent_id, each.day, each.campaign_id] += each.amount
    names = ("player_id", "campaign_id")
    _claim(session, Runner, names, passed)
    for runner in session.scalars(_RUNNERS, {"ids": sorted({player_id for player_id, _ in passed})}):
        runner.passed += (more := passed[runner.player_id, runner.campaign_id])
        _move(tallies, runner.campaign_id, PASSED, runner.passed - more, runner.passed)
    _claim(session, RunnerDay, ("player_id", "day", "campaign_id"), by_day)
    of_days = {"ids": sorted({each[0] for each in by_day}), "days": sorted({each[1] for each in by_day})}
    for one in session.scalars(_DAYS, of_days):
        one.passed += (more := by_day[one.player_id, one.day, one.campaign_id])
        _move(tallies, one.campaign_id, passed_on(one.day), one.passed - more, one.passed)


def _claim(session: Session, model: type[Base], names: tuple[str, ...], counted: Iterable[tuple[object, ...]]) -> None:
    """Let there be a row of ``model`` for each of ``counted``, with nothing passed on yet."""
    table = table_of(model)
    rows = [{**dict(zip(names, key, strict=True)), "passed": 0} for key in sorted(counted)]
    bulk.claim(session, table, rows, table.c.player_id)


def _move(tallies: Counter[Spot], campaign_id: int, what: str, old: int, new: int) -> None:
    """Something that had the value ``old`` has ``new``; nothing has the value 0."""
    if old == new:
        return
    if old:
        tallies[Spot(campaign_id, what, old)] -= 1
    if new:
        tallies[Spot(campaign_id, what, new)] += 1
