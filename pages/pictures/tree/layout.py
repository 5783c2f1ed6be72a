"""Nodes in, a placed picture out: choosing, naming and placing joined, with a heading and a legend."""

from collections import Counter
from collections.abc import Iterable, Mapping

from handlers.relay.views import ChainNode, TorchState
from pages.pictures.names import clean, clipped, width_em
from pages.pictures.tree import placing
from pages.pictures.tree.chain import ChainTree, chained
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
from pages.pictures.tree.labels import gather_pods, hang_small, label
from pages.pictures.tree.placing import MARK_R, PILL_SIZE, ROW, Grid, breadth, bus, placed
from pages.pictures.wording import WORDING, counted

_MARGIN, _TOP, _WIDTH_MIN = 32, 104, 660
_LEGEND_SIZE = 13


def draw_tree(
    nodes: Iterable[ChainNode], *, me: int | None, language: str, title: str | None = None, colour: str | None = None
) -> Drawing:
    """The chain of ``nodes``, in any order, in ``language`` ("zh" or "en"); ``title`` is the campaign's.

    The way to ``me`` is drawn in ``colour``, the brand's, which can be read on light ground.
    Up to 320 torches are shown one by one, of more the ways and branches that matter; the same nodes give the same
    picture. ``me`` may be nobody's id. Raises ValueError as ``chained`` does.
    """
    say = WORDING[language]
    chain = chained(nodes)
    items = chosen(chain, me)
    items[0].weight = chain.total
    label(items)
    items = gather_pods(items)
    hang_small(items)
    words = {item: words_of(item, say) for item in items}
    grid = placed(items, words)
    campaign = clean(title)
    drawing = Drawing(
        width=round(max(_WIDTH_MIN, grid.width + 2 * _MARGIN + 20)),
        height=0,
        language=language,
        title=say["tree_of"].format(title=campaign) if campaign else say["tree"],
        description=summary(chain, say),
        ember=colour or EMBER,
        way=colour or WAY,
    )
    for item in items[1:]:
        _draw(drawing, item, grid, words, say)
    _head(drawing)
    kinds, has_me = {item.kind for item in items}, any(item.is_me for item in items)
    legend(drawing, _TOP + grid.row_count * ROW + 34, kinds, has_me=has_me, say=say)
    return drawing


def words_of(item: Item, say: Mapping[str, str]) -> str:
    """What stands in a pill or a gap; "" for a torch."""
    keys = {Kind.GAP: "between", Kind.BEFORE: "before"}
    if item.kind is Kind.MORE:
        return f"+{item.count:,}"
    return say[keys[item.kind]].format(count=item.count) if item.kind in keys else ""


def summary(chain: ChainTree, say: Mapping[str, str]) -> str:
    """What the chain is, for who does not see it."""
    if chain.farthest is None:
        return say["nobody"]
    states = Counter(node.state for node in chain.nodes.values())
    key = "summary" if chain.total == len(chain.nodes) else "summary_part"
    return say[key].format(
        listed=len(chain.nodes),
        torches=counted(say, "torches", chain.total),
        leg=chain.nodes[chain.farthest].leg,
        **{state.value: states[state] for state in TorchState},
    )


def _draw(drawing: Drawing, item: Item, grid: Grid, words: dict[Item, str], say: Mapping[str, str]) -> None:
    x, y = _at(item, grid)
    if item.parent is not None and item.parent.kind is not Kind.ALL:
        drawing.edges.append(_edge(item, (x, y), grid, words))
    wide = breadth(item, words)
    match item.kind:
        case Kind.TORCH:
            assert item.node is not None
            drawing.marks.append(Mark(x, y, MARK_R, item.node.state, item.is_me))
            if item.labelled:
                drawing.texts += _label(item, (x, y), grid, say, drawing.ember)
        case Kind.POD:
            rows = placing.pod_rows(item)
            bottom = y + 9 + (rows - 1) * ROW
            drawing.pills.append(Pill(x, y - 9, x + wide, bottom, POD, POD_EDGE))
            for n, node in enumerate(item.pod):
                down, across = divmod(n, placing.pod_across(item))
                at = (x + 3 + (across + 0.5) * placing.POD_STEP, y + down * ROW)
                drawing.marks.append(Mark(*at, MARK_R - 2, node.state))
        case Kind.MORE:
            drawing.pills.append(Pill(x, y - 8, x + wide, y + 8, MORE, MORE_EDGE))
            drawing.texts.append(Text(x + wide / 2, y + 4, words[item], PILL_SIZE, INK, bold=True))
        case _:
            drawing.pills.append(Pill(x - wide / 2, y - 8, x + wide / 2, y + 8, SHEET, MORE_EDGE))
            drawing.texts.append(Text(x, y + 4, words[item], PILL_SIZE, SOFT))


def _at(item: Item, grid: Grid) -> tuple[float, float]:
    return _MARGIN + grid.places[item], _TOP + (grid.rows[item] + 0.5) * ROW


def _edge(item: Item, at: tuple[float, float], grid: Grid, words: dict[Item, str]) -> Edge:
    parent = item.parent
    assert parent is not None
    x, y = _at(parent, grid)
    half = 0 if parent.kind is Kind.TORCH else breadth(parent, words) / 2
    reach = breadth(item, words) / 2 if item.kind is Kind.GAP else 0
    on_way = item.on_way and (parent.on_way or parent.kind is Kind.BEFORE)
    return Edge(x + half, y, x + bus(parent, words), at[0] - reach, at[1], on_way)


def _label(item: Item, at: tuple[float, float], grid: Grid, say: Mapping[str, str], ember: str) -> list[Text]:
    node = item.node
    assert node is not None
    leg = say["leg"].format(leg=node.leg)
    below = leg
    if item.is_farthest:
        below = say["longest"].format(leg=node.leg)
    elif item.is_large:
        below = counted(say, "torches", item.weight)
    elif grid.is_roomy:
        below = f"{leg} · {say[node.state]}"
    fits = grid.widths[item.column] - 8
    name = clean(node.name) or say["bearer"]
    if item.is_me:
        name = f"{clean(node.name)} ({say['me']})" if clean(node.name) else say["me"]
    lines = [(name, 14, ember if item.is_me else INK, True, 26), (below, 11.5, SOFT, False, 12)]
    return [
        Text(at[0], at[1] - up - (4 if item.is_me else 0), _fitting(text, size, fits), size, fill, bold, max_width=fits)
        for text, size, fill, bold, up in lines
    ]


def _fitting(text: str, size: float, width: float) -> str:
    return clipped(text, lambda line: width_em(line) * size <= width)


def _head(drawing: Drawing) -> None:
    width = drawing.width - 2 * _MARGIN
    heading, below = _fitting(drawing.title, 24, width), _fitting(drawing.description, 14, width)
    drawing.texts.append(Text(_MARGIN, 48, heading, 24, INK, bold=True, anchor="start", max_width=width))
    drawing.texts.append(Text(_MARGIN, 74, below, 14, SOFT, anchor="start", max_width=width))


def legend(
    drawing: Drawing, y: float, kinds: set[Kind], *, has_me: bool, say: Mapping[str, str], margin: float = _MARGIN
) -> None:
    """What each mark means, in as many lines as it takes, from ``y`` on; it ends the picture."""
    x = margin

    def place(before: float, text: str) -> float:
        """The left of what is explained by ``text``, which begins ``before`` further right."""
        nonlocal x, y
        wide = before + width_em(text) * _LEGEND_SIZE
        if x + wide > drawing.width - margin and x > margin:
            x, y = margin, y + 28
        at = x
        drawing.texts.append(Text(at + before, y + 5, text, _LEGEND_SIZE, SOFT, anchor="start"))
        x += wide + 24
        return at

    for state in (TorchState.LIT, TorchState.UNLIT, TorchState.OUT):
        at = place(2 * MARK_R + 6, say[state])
        drawing.marks.append(Mark(at + MARK_R, y, MARK_R - 1, state))
    if has_me:
        at = place(36, say["way"])
        drawing.edges.append(Edge(at, y, at + 14, at + 28, y, on_way=True))
    if Kind.MORE in kinds:
        at = place(40, say["more"])
        drawing.pills.append(Pill(at, y - 8, at + 32, y + 8, MORE, MORE_EDGE))
        drawing.texts.append(Text(at + 16, y + 4, "+9", PILL_SIZE, INK, bold=True))
    drawing.height = round(y + 34)
