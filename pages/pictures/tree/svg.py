"""A placed picture as SVG: no style sheet, no script, nothing loaded, every text escaped."""

from html import escape

from handlers.relay.views import TorchState
from pages.pictures.canvas import Curve
from pages.pictures.torch import DROP
from pages.pictures.tree.drawing import ASH, FLAME, GROUND, LINE, RING, SHEET, Drawing, Edge, Mark, Pill, Text

_FONTS = "system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',sans-serif"
_TAGS = {"zh": "zh-CN", "en": "en"}
_CORNER = 8.0


def as_svg(drawing: Drawing) -> bytes:
    """The picture, UTF-8, with a title and a description; it needs no other file and fits any content policy."""
    size = f'width="{drawing.width}" height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}"'
    said = f'role="img" xml:lang="{_TAGS[drawing.language]}" font-family="{_FONTS}" text-anchor="middle"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {said}>',
        f"<title>{_said(drawing.title)}</title><desc>{_said(drawing.description)}</desc>",
        f'<rect width="100%" height="100%" fill="{GROUND}"/>',
        _lines([edge for edge in drawing.edges if not edge.on_way], LINE, 2),
        _lines([edge for edge in drawing.edges if edge.on_way], drawing.way, 4),
        *(_pill(pill) for pill in drawing.pills),
        *(_mark(mark, drawing.way) for mark in drawing.marks),
        *(_text(text) for text in drawing.texts),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part).encode()


def _said(text: str) -> str:
    return escape(text, quote=True)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _lines(edges: list[Edge], colour: str, width: int) -> str:
    if not edges:
        return ""
    way = "".join(_line(edge) for edge in edges)
    return f'<path fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round" d="{way}"/>'


def _line(edge: Edge) -> str:
    start = f"M{_n(edge.x)} {_n(edge.y)}"
    if edge.y == edge.to_y:
        return f"{start}H{_n(edge.to_x)}"
    r = min(_CORNER, edge.to_x - edge.bus, edge.bus - edge.x)
    first = f"H{_n(edge.bus - r)}Q{_n(edge.bus)} {_n(edge.y)} {_n(edge.bus)} {_n(edge.y + r)}"
    second = f"V{_n(edge.to_y - r)}Q{_n(edge.bus)} {_n(edge.to_y)} {_n(edge.bus + r)} {_n(edge.to_y)}"
    return f"{start}{first}{second}H{_n(edge.to_x)}"


def _pill(pill: Pill) -> str:
    width, height = pill.right - pill.left, pill.bottom - pill.top
    return (
        f'<rect x="{_n(pill.left)}" y="{_n(pill.top)}" width="{_n(width)}" height="{_n(height)}" '
        f'rx="8" fill="{pill.fill}" stroke="{pill.edge}"/>'
    )


def _mark(mark: Mark, way: str) -> str:
    x, y, r = _n(mark.x), _n(mark.y), mark.r
    ring = ""
    if mark.is_me:
        ring = f'<circle cx="{x}" cy="{y}" r="{_n(r + 3)}" fill="{SHEET}" stroke="{way}" stroke-width="2.5"/>'
    if mark.state is TorchState.LIT:
        return f'{ring}<path fill="{FLAME}" d="{_curve(DROP, mark)}"/>'
    if mark.state is TorchState.UNLIT:
        return f'{ring}<circle cx="{x}" cy="{y}" r="{_n(r * 0.62)}" fill="{SHEET}" stroke="{RING}" stroke-width="2"/>'
    a = r * 0.52
    cross = f"M{_n(mark.x - a)} {_n(mark.y - a)}l{_n(2 * a)} {_n(2 * a)}m0 {_n(-2 * a)}l{_n(-2 * a)} {_n(2 * a)}"
    disc = f'<circle cx="{x}" cy="{y}" r="{_n(r * 0.72)}" fill="{GROUND}"/>' if not mark.is_me else ""
    return f'{ring}{disc}<path d="{cross}" stroke="{ASH}" stroke-width="2.6" stroke-linecap="round"/>'


def _curve(curve: Curve, mark: Mark) -> str:
    places = [f"{_n(mark.x + x * mark.r)} {_n(mark.y + y * mark.r)}" for x, y in curve]
    return f"M{places[0]}C{' '.join(places[1:])}Z"


def _text(text: Text) -> str:
    if not text.text:
        return ""
    anchor = "" if text.anchor == "middle" else f' text-anchor="{text.anchor}"'
    bold = ' font-weight="600"' if text.bold else ""
    place = f'x="{_n(text.x)}" y="{_n(text.y)}" font-size="{_n(text.size)}" fill="{text.fill}"'
    return f"<text {place}{anchor}{bold}>{_said(text.text)}</text>"
