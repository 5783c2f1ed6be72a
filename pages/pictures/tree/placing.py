"""Where each item stands: a column for each step away from the beginning, rows without anything overlapping."""

from collections.abc import Sequence
from dataclasses import dataclass

from pages.pictures.names import width_em
from pages.pictures.tree.items import Item, Kind

ROW, MARK_R, POD_STEP, POD_ACROSS = 20, 9, 17, 10
PILL_SIZE = 11.5
LABEL_ROWS = 2
LABEL_WIDE, LABEL_NARROW, PLAIN = 150, 108, 34
_FEW, _FEW_COLUMNS = 12, 6


@dataclass(frozen=True, slots=True)
class Grid:
    """Middles and widths of the columns, and the row of each item; roomy when there is room for long labels."""

    middles: list[float]
    widths: list[float]
    rows: dict[Item, int]
    row_count: int
    is_roomy: bool

    @property
    def width(self) -> float:
        """Of all columns together."""
        return self.middles[-1] + self.widths[-1] / 2 if self.middles else 0


def placed(items: Sequence[Item], words: dict[Item, str]) -> Grid:
    """Rows and columns for ``items``, parents before children; ``words`` is what stands in pills and gaps."""
    is_roomy = _is_roomy(items)
    widths = _widths(items, words, LABEL_WIDE if is_roomy else LABEL_NARROW)
    middles = [sum(widths[:n]) + width / 2 for n, width in enumerate(widths)]
    tops: dict[Item, dict[int, int]] = {}
    bottoms: dict[Item, dict[int, int]] = {}
    offsets: dict[Item, int] = {}
    for item in _children_first(items[0]):
        top: dict[int, int] = {}
        bottom: dict[int, int] = {}
        for n, child in enumerate(item.children):
            child_top, child_bottom = tops.pop(child), bottoms.pop(child)
            shared = child_top.keys() & bottom.keys()
            least = 0 if n == 0 else offsets[item.children[n - 1]] + 1
            offset = max([least, *(bottom[column] + 1 - child_top[column] for column in shared)])
            offsets[child] = offset
            for column in child_top:
                top.setdefault(column, child_top[column] + offset)
                bottom[column] = child_bottom[column] + offset
        drop = offsets[item.children[-1]] if item.children else 0
        for column in _columns(item, middles, widths, words):
            top[column] = -LABEL_ROWS if item.labelled else 0
            bottom[column] = max(drop, pod_rows(item) - 1, int(item.is_me))
        tops[item], bottoms[item] = top, bottom
    rows = {items[0]: -min(tops[items[0]].values(), default=0)}
    for item in reversed(_children_first(items[0])[:-1]):
        assert item.parent is not None
        rows[item] = rows[item.parent] + offsets[item]
    row_count = rows[items[0]] + 1 + max(bottoms[items[0]].values(), default=0)
    return Grid(middles, widths, rows, row_count, is_roomy)


def pod_rows(item: Item) -> int:
    """Rows that an item's dots fill."""
    return max(1, -(-len(item.pod) // POD_ACROSS))


def breadth(item: Item, words: dict[Item, str]) -> float:
    """How wide a pod or a pill is."""
    if item.kind is Kind.POD:
        return min(len(item.pod), POD_ACROSS) * POD_STEP + 6
    return width_em(words.get(item, "")) * PILL_SIZE + 20


def _children_first(first: Item) -> list[Item]:
    order = [first]
    for item in order:  # it grows as it is walked
        order += item.children
    return order[::-1]


def _is_roomy(items: Sequence[Item]) -> bool:
    return sum(item.kind is Kind.TORCH for item in items) <= _FEW and max(i.column for i in items) < _FEW_COLUMNS


def _widths(items: Sequence[Item], words: dict[Item, str], label: float) -> list[float]:
    count = 1 + max(item.column for item in items)
    widths: list[float] = [PLAIN] * count
    for item in items:
        if item.kind in {Kind.GAP, Kind.BEFORE}:
            widths[item.column] = max(widths[item.column], breadth(item, words) + 24)
        elif item.labelled:
            widths[item.column] = max(widths[item.column], label)
    return widths


def _columns(item: Item, middles: list[float], widths: list[float], words: dict[Item, str]) -> list[int]:
    """The columns that an item reaches into."""
    if item.kind is Kind.ALL:
        return []
    if item.kind not in {Kind.POD, Kind.MORE}:
        return [item.column]
    right = middles[item.column] - MARK_R + breadth(item, words) + 4
    reached = range(item.column, len(middles))
    return [n for n in reached if n == item.column or middles[n] - widths[n] / 2 < right]
