"""Where each item stands: a column for each step away from the beginning, rows without anything overlapping.

Between two columns lies a lane; small things hang in it. Column ``c`` has the track ``2 * c``, the lane right of it the
track ``2 * c + 1``; two things may stand in one row only where their tracks differ.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from pages.pictures.names import width_em
from pages.pictures.tree.items import Item, Kind

ROW, MARK_R, POD_STEP = 20, 9, 17
PILL_SIZE = 11.5
LABEL_ROWS = 2
LABEL_WIDE, LABEL_NARROW, PLAIN = 150, 108, 34

_FEW, _FEW_COLUMNS = 12, 6
_ACROSS, _ACROSS_LARGE, _LARGE_POD = 10, 22, 50
_BUS, _BUS_AFTER_GAP, _LANE_START, _LANE_END = 16, 9, 8, 8

_Taken = dict[int, tuple[int, int]]
"""Uppermost and lowest row that is taken, by track, counted from the item's own row."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where each item is: its row, and from the left its middle (a torch, a gap) or its left end (a pod, a number)."""

    places: dict[Item, float]
    rows: dict[Item, int]
    widths: list[float]
    """Of the columns."""
    width: float
    row_count: int
    is_roomy: bool
    """Whether there is room for long labels."""


def placed(items: Sequence[Item], words: dict[Item, str]) -> Grid:
    """Rows and columns for ``items``, parents before children; ``words`` is what stands in pills and gaps."""
    is_roomy = _is_roomy(items)
    widths = _widths(items, words, LABEL_WIDE if is_roomy else LABEL_NARROW)
    middles = _middles(items, widths, words)
    places = {item: _place(item, middles, words) for item in items[1:]}
    ends = (places[i] + (widths[i.column] / 2 if i.labelled else breadth(i, words)) for i in items[1:])
    rows, row_count = _rows(items[0], middles, words)
    return Grid(places, rows, widths, max(ends, default=0), row_count, is_roomy)


def pod_rows(item: Item) -> int:
    """Rows that an item's dots fill."""
    return max(1, -(-len(item.pod) // pod_across(item)))


def pod_across(item: Item) -> int:
    """Dots in a row of an item's pod."""
    return _ACROSS if len(item.pod) <= _LARGE_POD else _ACROSS_LARGE


def breadth(item: Item, words: dict[Item, str]) -> float:
    """How wide a torch, a pod or a pill is."""
    if item.kind is Kind.TORCH:
        return 2 * MARK_R
    if item.kind is Kind.POD:
        return min(len(item.pod), pod_across(item)) * POD_STEP + 6
    return width_em(words.get(item, "")) * PILL_SIZE + 20


def bus(item: Item, words: dict[Item, str]) -> float:
    """How far right of an item's middle the line runs down to its children."""
    return _BUS if item.kind is Kind.TORCH else breadth(item, words) / 2 + _BUS_AFTER_GAP


def _is_roomy(items: Sequence[Item]) -> bool:
    return sum(item.kind is Kind.TORCH for item in items) <= _FEW and max(i.column for i in items) < _FEW_COLUMNS


def _widths(items: Sequence[Item], words: dict[Item, str], label: float) -> list[float]:
    widths: list[float] = [PLAIN] * (1 + max(item.column for item in items))
    for item in items:
        if item.kind in {Kind.GAP, Kind.BEFORE}:
            widths[item.column] = max(widths[item.column], breadth(item, words) + 24)
        elif item.labelled:
            widths[item.column] = max(widths[item.column], label)
    return widths


def _middles(items: Sequence[Item], widths: list[float], words: dict[Item, str]) -> list[float]:
    """The columns' middles, each as far from the one before as what hangs between them asks for."""
    apart = [(one + other) / 2 for one, other in zip_longest(widths, widths[1:], fillvalue=0)]
    for item in items:
        if item.is_hung and item.parent is not None:
            lane = bus(item.parent, words) + _LANE_START + breadth(item, words) + _LANE_END + MARK_R
            apart[item.parent.column] = max(apart[item.parent.column], lane)
    return [(widths[0] if widths else 0) / 2 + sum(apart[:n]) for n in range(len(widths))]


def _place(item: Item, middles: list[float], words: dict[Item, str]) -> float:
    if item.is_hung and item.parent is not None:
        left = middles[item.parent.column] + bus(item.parent, words) + _LANE_START
        return left + MARK_R if item.kind is Kind.TORCH else left
    return middles[item.column] - (MARK_R if item.kind in {Kind.POD, Kind.MORE} else 0)


def _rows(first: Item, middles: list[float], words: dict[Item, str]) -> tuple[dict[Item, int], int]:
    """The row of each item and how many there are: every branch as high as it can be below what stands above it."""
    taken: dict[Item, _Taken] = {}
    offsets: dict[Item, int] = {}
    order = _children_first(first)
    for item in order:
        mine: _Taken = {}
        for n, child in enumerate(item.children):
            its = taken.pop(child)
            least = 0 if n == 0 else offsets[item.children[n - 1]] + 1
            offset = max([least, *(mine[track][1] + 1 - its[track][0] for track in its.keys() & mine.keys())])
            offsets[child] = offset
            for track, (top, bottom) in its.items():
                _take(mine, track, top + offset, bottom + offset)
        drop = offsets[item.children[-1]] if item.children else 0
        for track, top, bottom in _own(item, drop, middles, words):
            _take(mine, track, top, bottom)
        taken[item] = mine
    whole = taken[first].values()
    rows = {first: -min((top for top, _ in whole), default=0)}
    for item in reversed(order[:-1]):
        assert item.parent is not None
        rows[item] = rows[item.parent] + offsets[item]
    return rows, rows[first] + 1 + max((bottom for _, bottom in whole), default=0)


def _take(taken: _Taken, track: int, top: int, bottom: int) -> None:
    before = taken.get(track, (top, bottom))
    taken[track] = (min(before[0], top), max(before[1], bottom))


def _own(item: Item, drop: int, middles: list[float], words: dict[Item, str]) -> Iterator[tuple[int, int, int]]:
    """Track, uppermost and lowest row of what an item itself covers: dots, label, and the line down to its children."""
    if item.kind is Kind.ALL:
        return
    track, top = 2 * item.column, -LABEL_ROWS if item.labelled else 0
    if item.is_hung:
        yield track - 1, 0, 0
        return
    bottom = pod_rows(item) - 1
    yield track - 1, top, 0
    yield track, top, max(drop, bottom, int(item.is_me))
    if item.labelled:
        yield track + 1, top, -1
    if item.kind in {Kind.POD, Kind.MORE}:
        right = middles[item.column] - MARK_R + breadth(item, words)
        for column in range(item.column, len(middles)):
            if middles[column] - PLAIN / 2 < right:
                yield 2 * column, 0, bottom
                yield 2 * column + 1, 0, bottom


def _children_first(first: Item) -> list[Item]:
    order = [first]
    for item in order:  # it grows as it is walked
        order += item.children
    return order[::-1]
