"""Counted sets: how many things have a value, kept as a tree of counts, so that places and medians cost O(log n).

Level 0 counts each value; a node of the level above counts 16 of the one below. To count what lies above a value one
adds up, level by level, the siblings to the right of the way down to it: at most 15 nodes a level.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import bulk, lists
from core.models.base import table_of
from handlers.relay.tables import Tally

LEVELS = 5
_BITS = 4
_FAN = 1 << _BITS
MOST = _FAN**LEVELS - 1
"""Larger values count as this one."""

_NODES = select(Tally.campaign_id, Tally.what, Tally.level, Tally.node, Tally.count).where(
    lists.among(Tally.campaign_id, "campaign_ids"), lists.among(Tally.what, "whats"), lists.among(Tally.node, "nodes")
)
"""Of all sets and levels at once: some more than are asked for, by a statement that is always the same."""


class Spot(NamedTuple):
    """One value of one counted set of a campaign."""

    campaign_id: int
    what: str
    value: int


def write_tallies(session: Session, changes: Mapping[Spot, int]) -> None:
    """Add ``changes`` to the counts, in the order in which everybody locks them."""
    nodes: Counter[tuple[int, str, int, int]] = Counter()
    for spot, amount in changes.items():
        for level in range(LEVELS):
            nodes[spot.campaign_id, spot.what, level, min(spot.value, MOST) >> _BITS * level] += amount
    names = ("campaign_id", "what", "level", "node")
    rows = [
        {**dict(zip(names, node, strict=True)), "count": amount} for node, amount in sorted(nodes.items()) if amount
    ]
    if rows:
        bulk.add_up(session, table_of(Tally), rows, "count")


def places(session: Session, spots: Iterable[Spot]) -> dict[Spot, int]:
    """The place of each value in its set, from 1: how many lie above it, and one. One query."""
    wanted = sorted(set(spots))
    if not wanted:
        return {}
    ranges = {(spot, level): _right_of(min(spot.value, MOST), level) for spot in wanted for level in range(LEVELS)}
    counts: dict[tuple[int, str, int], dict[int, int]] = defaultdict(dict)
    named = {
        "campaign_ids": sorted({spot.campaign_id for spot in wanted}),
        "whats": sorted({spot.what for spot in wanted}),
        "nodes": sorted({node for first, last in ranges.values() for node in range(first, last + 1)}),
    }
    for campaign_id, what, level, node, count in session.execute(_NODES, named):
        counts[campaign_id, what, level][node] = count
    found = dict.fromkeys(wanted, 1)
    for (spot, level), (first, last) in ranges.items():
        there = counts[spot.campaign_id, spot.what, level]
        found[spot] += sum(count for node, count in there.items() if first <= node <= last)
    return found


def _right_of(value: int, level: int) -> tuple[int, int]:
    """The first and last sibling to the right of the way to ``value`` on ``level``."""
    node = value >> _BITS * level
    return node + 1, node | (_FAN - 1)


def total(session: Session, campaign_id: int, what: str) -> int:
    """How many things are in a set."""
    mine = (Tally.campaign_id == campaign_id) & (Tally.what == what) & (Tally.level == LEVELS - 1)
    return int(session.scalar(select(func.coalesce(func.sum(Tally.count), 0)).where(mine)) or 0)


def median(session: Session, campaign_id: int, what: str) -> int | None:
    """The lower median of the values of a set; None when it is empty. One query a level."""
    wanted = (total(session, campaign_id, what) + 1) // 2
    node = 0
    for level in reversed(range(LEVELS)):
        first = node << _BITS
        mine = (Tally.campaign_id == campaign_id) & (Tally.what == what) & (Tally.level == level)
        children = select(Tally.node, Tally.count).where(mine, Tally.node.between(first, first | (_FAN - 1)))
        for child, count in session.execute(children.order_by(Tally.node)):
            if wanted <= count:
                node = child
                break
            wanted -= count
        else:
            return None
    return node


def histogram(session: Session, campaign_id: int, what: str) -> dict[int, int]:
    """How many things have each value, by value."""
    mine = (Tally.campaign_id == campaign_id) & (Tally.what == what) & (Tally.level == 0) & (Tally.count != 0)
    counted = select(Tally.node, Tally.count).where(mine).order_by(Tally.node)
    return dict(row for row in session.execute(counted))
