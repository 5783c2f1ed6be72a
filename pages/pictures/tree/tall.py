"""A chain as narrow as a phone: a row a torch, what goes on straight below it, what branches off further right."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from handlers.relay.views import ChainNode
from pages.pictures.names import clean, clipped, width_em
from pages.pictures.tree.chain import chained
from pages.pictures.tree.choosing import chosen
from pages.pictures.tree.drawing import (
    EMBER,
    INK,
    MORE,
    MORE_EDGE,
    POD,
    POD_EDGE,
    SHEET,
    SOFT,
    WAY,
    Drawing,
    Edge,
    Mark,
    Pill,
    Text,
)
from pages.pictures.tree.items import Item, Kind
from pages.pictures.tree.labels import gather_pods, label
from pages.pictures.tree.layout import legend, summary, words_of
from pages.pictures.tree.placing import MARK_R, PILL_SIZE, POD_STEP
from pages.pictures.wording import WORDING, counted

WIDTH = 340
"""Units; a page on a phone of 390 has as many pixels for it."""
_MARGIN, _TOP, _ROW, _POD_ROW = 16, 12, 30, 20
_INDENT, _MOST_COLUMNS = 24, 6
_WHOLE, _MOST = 40, 24
"""Torches up to which each is shown, and things that grow beyond."""
_NAME, _SIDE = 14, 12


@dataclass(frozen=True, slots=True)
class _Spot:
    x: float
    y: float
    high: float


def draw_tall(nodes: Iterable[ChainNode], *, me: int | None, language: str, colour: str | None = None) -> Drawing:
    """The chain of ``nodes``, as ``draw_tree`` has it, ``WIDTH`` wide and as high as it is; without a heading."""
    say = WORDING[language]
    chain = chained(nodes)
    items = chosen(chain, me, whole=_WHOLE, most=_MOST)
    items[0].weight = chain.total
    label(items)
    items = gather_pods(items)
    spots, y = _spots(items[0])
    drawing = Drawing(WIDTH, 0, language, say["tree"], summary(chain, say), colour or EMBER, colour or WAY)
    for item in items[1:]:
        _draw(drawing, item, spots, say)
    kinds, has_me = {item.kind for item in items}, any(item.is_me for item in items)
    legend(drawing, y + 14, kinds, has_me=has_me, say=say, margin=_MARGIN)
    return drawing


def _order(first: Item) -> Iterator[tuple[Item, int]]:
    """Items from above to below, each with its column."""
    waiting = [(child, 0) for child in reversed(first.children)]
    while waiting:
        item, column = waiting.pop()
        yield item, column
        below = _goes_on(item)
        waiting += [(below, column)] if below else []
        waiting += [(child, column + 1) for child in reversed(item.children) if child is not below]


def _goes_on(item: Item) -> Item | None:
    """What stands straight below: the way to me, what leads farthest, an only child; not one of several ends."""
    found = next((child for child in item.children if child.kind in {Kind.TORCH, Kind.GAP}), None)
    if found is None or not (found.on_way or found.children or len(item.children) == 1):
        return None
    return found


def _spots(first: Item) -> tuple[dict[Item, _Spot], float]:
    spots: dict[Item, _Spot] = {}
    top: float = _TOP
    for item, column in _order(first):
        x = _MARGIN + MARK_R + 3 + _INDENT * min(column, _MOST_COLUMNS)
        rows = -(-len(item.pod) // _across(x)) if item.kind is Kind.POD else 1
        high = _ROW + _POD_ROW * (rows - 1)
        spots[item] = _Spot(x, top + _ROW / 2, high)
        top += high
    return spots, top


def _across(x: float) -> int:
    """Dots beside each other in a pod that begins at ``x``."""
    return int((WIDTH - _MARGIN - x) // POD_STEP)


def _draw(drawing: Drawing, item: Item, spots: Mapping[Item, _Spot], say: Mapping[str, str]) -> None:
    spot, parent = spots[item], item.parent
    x, y = spot.x, spot.y
    if parent is not None and parent.kind is not Kind.ALL:
        above = spots[parent]
        on_way = item.on_way and (parent.on_way or parent.kind is Kind.BEFORE)
        drawing.edges.append(Edge(above.x, above.y, above.x, x, y, on_way))
    match item.kind:
        case Kind.TORCH:
            assert item.node is not None
            drawing.marks.append(Mark(x, y, MARK_R, item.node.state, item.is_me))
            drawing.texts += _told(item, x, y, say, drawing.ember)
        case Kind.POD:
            across = min(_across(x), len(item.pod))
            left, bottom = x - MARK_R, y - 10 + spot.high - _ROW + 20
            drawing.pills.append(Pill(left, y - 10, left + across * POD_STEP + 6, bottom, POD, POD_EDGE))
            for n, node in enumerate(item.pod):
                down, along = divmod(n, across)
                at = (left + 3 + (along + 0.5) * POD_STEP, y + down * _POD_ROW)
                drawing.marks.append(Mark(*at, MARK_R - 2, node.state))
        case _:
            is_more = item.kind is Kind.MORE
            text = words_of(item, say)
            wide = width_em(text) * PILL_SIZE + 20
            fill, ink = (MORE, INK) if is_more else (SHEET, SOFT)
            drawing.pills.append(Pill(x - MARK_R, y - 9, x - MARK_R + wide, y + 9, fill, MORE_EDGE))
            drawing.texts.append(Text(x - MARK_R + wide / 2, y + 4, text, PILL_SIZE, ink, bold=is_more))


def _told(item: Item, x: float, y: float, say: Mapping[str, str], ember: str) -> list[Text]:
    """The name of a torch, and at the right its leg, or what is told of it in its place."""
    node = item.node
    assert node is not None
    beside = say["leg"].format(leg=node.leg)
    if item.is_farthest:
        beside = say["longest"].format(leg=node.leg)
    elif item.is_large:
        beside = counted(say, "torches", item.weight)
    name = clean(node.name)
    shown = name or say["bearer"]
    if item.is_me:
        shown = f"{name} ({say['me']})" if name else say["me"]
    left, right = x + MARK_R + 8, WIDTH - _MARGIN
    room = right - left - width_em(beside) * _SIDE - 10
    fitting = clipped(shown, lambda line: width_em(line) * _NAME <= room)
    ink = ember if item.is_me else INK if name else SOFT
    return [
        Text(left, y + 5, fitting, _NAME, ink, bold=bool(name) or item.is_me, anchor="start", max_width=room),
        Text(right, y + 4, beside, _SIDE, SOFT, anchor="end"),
    ]
