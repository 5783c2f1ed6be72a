import re
import xml.etree.ElementTree as ET
from functools import cache
from io import BytesIO
from itertools import combinations

import pytest
from PIL import Image

from handlers.relay.views import ChainNode, TorchState
from pages.pictures.fonts import find_fonts
from pages.pictures.names import width_em
from pages.pictures.tree import Drawing, as_png, as_svg, draw_tall, draw_tree
from pages.pictures.tree.chain import chained
from pages.pictures.tree.choosing import chosen
from pages.pictures.tree.items import Kind
from tests.pictures.chains import comb, grown, hub, path

SVG = "{http://www.w3.org/2000/svg}"
PART = [
    ChainNode(4, 3, 4, TorchState.LIT, hidden=1_000),
    ChainNode(5, 4, 5, TorchState.UNLIT),
    ChainNode(6, 4, 5, TorchState.OUT, hidden=7),
]
CHAINS = {
    "none": ([], None),
    "one": (path(1), 1),
    "three": (path(3), 2),
    "three hundred": (grown(300, 5), 150),
    "three hundred, hub": (hub(300), 7),
    "thirty thousand": (grown(30_000, 5), 20_000),
    "thirty thousand, deep": (grown(30_000, 6, recent=0.97), 25_000),
    "thirty thousand, nobody": (grown(30_000, 5), None),
    "path of 500": (path(500), 300),
    "path of 10,000": (path(10_000), 9_000),
    "hub of 5,000": (hub(5_000), 1),
    "comb": (comb(3_001), 500),
    "many beginnings": ([ChainNode(n, None, 3, TorchState.OUT) for n in range(1, 500)], 7),
    "a part": (PART, 5),
}
every_chain = pytest.mark.parametrize("name", CHAINS)


@cache
def sheet(name: str) -> Drawing:
    nodes, me = CHAINS[name]
    return draw_tree(nodes, me=me, language="zh")


def drawn(nodes, me=None, language="zh", **more) -> Drawing:
    return draw_tree(nodes, me=me, language=language, **more)


def said(drawing: Drawing) -> list[str]:
    return [text.text for text in drawing.texts]


@every_chain
def test_nobody_is_lost(name) -> None:
    nodes, me = CHAINS[name]
    chain = chained(nodes)
    items = chosen(chain, me)
    assert sum(item.count for item in items if item.kind is not Kind.BEFORE) == chain.total
    assert all(item.count > 0 for item in items[1:])


@every_chain
def test_it_stays_small(name) -> None:
    drawing = sheet(name)
    assert drawing.code_formats <= (400 if len(CHAINS[name][0]) > 320 else 800)
    assert drawing.width <= 1800
    assert drawing.height <= 2600
    assert len(as_svg(drawing)) < 150_000


@every_chain
def test_nothing_lies_on_anything_else(name) -> None:
    drawing = sheet(name)
    boxes = [(m.x - 7, m.y - 7, m.x + 7, m.y + 7) for m in drawing.marks]
    numbers = [(p.left, p.top, p.right, p.bottom) for p in drawing.pills if p.bottom - p.top < 17]
    labels = [(t.x - 20, t.y - t.size, t.x + 20, t.y) for t in drawing.texts if t.max_width < 200]
    boxes += numbers + labels
    assert all(left >= 0 and right <= drawing.width and bottom <= drawing.height for left, _, right, bottom in boxes)
    touching = [
        (a, b)
        for a, b in combinations(boxes, 2)
        if a[0] < b[2] - 0.5 and b[0] < a[2] - 0.5 and a[1] < b[3] - 0.5 and b[1] < a[3] - 0.5
    ]
    assert touching == []
    drops = [edge for edge in drawing.edges if edge.to_y > edge.y]
    crossed = [
        (edge, box)
        for edge in drops
        for box in boxes
        if box[0] < edge.bus < box[2] and edge.y + 1 < box[3] and box[1] < edge.to_y - 1
    ]
    assert crossed == []


@every_chain
def test_on_a_phone_all_stands_one_below_the_other(name) -> None:
    nodes, me = CHAINS[name]
    drawing = draw_tall(nodes, me=me, language="en")
    assert drawing.width == 340
    assert drawing.height <= 1_800
    assert len(as_svg(drawing)) < 40_000
    boxes = [(m.x - 7, m.y - 7, m.x + 7, m.y + 7) for m in drawing.marks]
    boxes += [(p.left, p.top, p.right, p.bottom) for p in drawing.pills if p.bottom - p.top < 19]
    for text in drawing.texts:
        wide = width_em(text.text) * text.size
        left = text.x - {"start": 0, "middle": wide / 2, "end": wide}[text.anchor]
        assert left >= 0
        assert left + wide <= drawing.width
    assert all(left >= 0 and right <= drawing.width and bottom <= drawing.height for left, _, right, bottom in boxes)
    assert [
        (a, b)
        for a, b in combinations(boxes, 2)
        if a[0] < b[2] - 0.5 and b[0] < a[2] - 0.5 and a[1] < b[3] - 0.5 and b[1] < a[3] - 0.5
    ] == []
    assert any(mark.is_me for mark in drawing.marks) is (me is not None)


@pytest.mark.parametrize("name", ["three hundred", "thirty thousand, deep", "many beginnings"])
def test_the_order_of_the_nodes_does_not_matter(name) -> None:
    nodes, me = CHAINS[name]
    assert as_svg(drawn(nodes[::-1], me)) == as_svg(sheet(name))


def test_the_way_to_me_is_drawn_in_the_colour_of_the_brand() -> None:
    for draw in (draw_tree, draw_tall):
        drawing = draw(path(3), me=2, language="en", colour="#0a3d91")
        assert as_svg(drawing).count(b"#0a3d91") == 3  # the way, the ring, the name
        assert b"#0a3d91" not in as_svg(draw(path(3), me=2, language="en"))
    assert as_png(drawing, find_fonts()) != as_png(draw(path(3), me=2, language="en"), find_fonts())


def test_three_are_all_named() -> None:
    words = said(drawn(path(3), 2))
    assert [word for word in words if word.startswith("名")] == ["名1", "名2 (本棒)", "名3"]
    assert "第 1 棒 · 燃烧中" in words


def test_three_hundred_are_all_there_and_those_who_matter_are_named() -> None:
    drawing = sheet("three hundred")
    way = chained(CHAINS["three hundred"][0]).way(150)
    assert len(drawing.marks) == 300 + 3  # three in the legend
    assert {"张伟", "名150 (本棒)", *(f"名{n}" for n in way[1:-1])} <= set(said(drawing))
    assert 10 < sum(word.startswith("名") for word in said(drawing)) < 40


def test_of_thirty_thousand_the_way_the_friends_the_farthest_and_the_largest_are_there() -> None:
    nodes, _ = CHAINS["thirty thousand"]
    chain = chained(nodes)
    me = max((n for n in nodes if n.leg > 12 and chain.below(n.id)), key=lambda node: len(chain.below(node.id))).id
    shown = {item.node.id for item in chosen(chain, me) if item.node}
    way = chain.way(me)
    assert {way[0], way[1], *way[-4:]} <= shown
    assert set(chain.below(me)[:12]) <= shown
    assert chain.farthest in shown
    assert set(chain.below(chain.roots[0])[:3]) <= shown
    assert any(re.fullmatch(r"\+\d,\d{3}", word) for word in said(drawn(nodes, me)))


def test_a_long_way_keeps_both_ends_and_counts_the_middle() -> None:
    words = said(drawn(path(500), 300, "en"))
    assert [word for word in words if "between" in word] == ["294 between", "197 between"]
    assert {"名1", "名2", "名299", "名300 (here)", "名301", "名500", "longest: leg 500"} <= set(words)


def test_a_part_says_what_it_leaves_out() -> None:
    drawing = drawn(PART, 5, "en")
    assert {"3 before", "+1,000", "+7"} <= set(said(drawing))
    assert drawing.description.startswith("1,010 torches. Of 3 listed: 1 burning")


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\"'&<", "a\x00\x0b\ufffe\ud800b", "\u202egnp.exe\u2066", "]]>"]
)
def test_a_hostile_name_is_only_a_name(name) -> None:
    nodes = [ChainNode(1, None, 1, TorchState.LIT, name), ChainNode(2, 1, 2, TorchState.OUT, None)]
    svg = as_svg(drawn(nodes, 1, title=name)).decode()
    root = ET.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "rect",
        "path",
        "circle",
        "text",
    }
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", svg)
    assert not re.search(r"href|url\(|style=|\son\w+=", re.sub(r">[^<]*<", "><", svg))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_states_differ_by_shape_and_are_explained(language) -> None:
    nodes = [ChainNode(n, n - 1 or None, n, state) for n, state in enumerate(TorchState, start=1)]
    root = ET.fromstring(as_svg(drawn(nodes, None, language)))
    code_formats = {
        "drop": [e for e in root.iter(f"{SVG}path") if e.get("d", "").endswith("Z")],
        "cross": [e for e in root.iter(f"{SVG}path") if "m0" in e.get("d", "")],
        "ring": [e for e in root.iter(f"{SVG}circle") if e.get("stroke")],
    }
    assert {name: len(found) for name, found in code_formats.items()} == {"drop": 2, "cross": 2, "ring": 2}
    words = {"zh": {"燃烧中", "等待点燃", "已熄灭"}, "en": {"Burning", "Waiting to be lit", "Gone out"}}
    assert words[language] <= {e.text for e in root.iter(f"{SVG}text")}
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None


@pytest.mark.parametrize(
    ("nodes", "why"),
    [
        ([ChainNode(1, None, 1, TorchState.LIT), ChainNode(1, None, 1, TorchState.OUT)], "twice"),
        ([ChainNode(1, None, 1, TorchState.LIT, hidden=-1)], "fewer than no"),
        ([ChainNode(1, 2, 1, TorchState.LIT), ChainNode(2, 1, 2, TorchState.LIT)], "descends from itself"),
    ],
)
def test_what_is_no_chain_is_refused(nodes, why) -> None:
    with pytest.raises(ValueError, match=why):
        chained(nodes)


def test_the_png_shows_the_same_sheet() -> None:
    drawing = drawn(path(3), 2, "en")
    picture = Image.open(BytesIO(as_png(drawing, find_fonts())))
    assert picture.size == (2 * drawing.width, 2 * drawing.height)
    colours = {colour for _, colour in picture.convert("RGB").getcolors(10_000)}
    assert any(red > 200 and green < 120 and blue < 80 for red, green, blue in colours)  # somebody burns
