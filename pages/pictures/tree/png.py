"""A placed picture as PNG, shape by shape the same as the SVG."""

import math

from handlers.relay.views import TorchState
from pages.pictures.canvas import Canvas, Writing, traced
from pages.pictures.fonts import Fonts
from pages.pictures.torch import DROP
from pages.pictures.tree.drawing import ASH, FLAME, GROUND, LINE, RING, SHEET, Drawing, Edge, Mark

_SHARP, _AREA = 2.0, 2_400_000
"""Pixels a unit, and pixels in all before there are fewer a unit."""
_CORNER, _CORNER_STEPS = 8.0, 5
_COLOURS = 64


def as_png(drawing: Drawing, fonts: Fonts) -> bytes:
    """The picture at twice its size where that is not too large."""
    scale = min(_SHARP, max(1.0, math.sqrt(_AREA / (drawing.width * drawing.height))))
    canvas = Canvas(drawing.width, drawing.height, ground=GROUND, fonts=fonts, scale=scale)
    for edge in sorted(drawing.edges, key=lambda edge: edge.on_way):
        canvas.line(_bent(edge), 4 if edge.on_way else 2, drawing.way if edge.on_way else LINE)
    for pill in drawing.pills:
        canvas.pill((pill.left, pill.top, pill.right, pill.bottom), 8, pill.fill, pill.edge, 1)
    for mark in drawing.marks:
        _mark(canvas, mark, drawing.way)
    for text in drawing.texts:
        style = Writing(text.size, text.fill, text.bold, text.anchor)
        canvas.write(text.x, text.y, text.text, style, text.max_width)
    return canvas.png(_COLOURS)


def _bent(edge: Edge) -> list[tuple[float, float]]:
    if edge.y == edge.to_y:
        return [(edge.x, edge.y), (edge.to_x, edge.to_y)]
    r = min(_CORNER, edge.to_x - edge.bus, edge.bus - edge.x)
    turns = [math.pi / 2 * n / _CORNER_STEPS for n in range(_CORNER_STEPS + 1)]
    first = [(edge.bus - r + r * math.sin(t), edge.y + r - r * math.cos(t)) for t in turns]
    second = [(edge.bus + r - r * math.cos(t), edge.to_y - r + r * math.sin(t)) for t in turns]
    return [(edge.x, edge.y), *first, *second, (edge.to_x, edge.to_y)]


def _mark(canvas: Canvas, mark: Mark, way: str) -> None:
    at, r = (mark.x, mark.y), mark.r
    if mark.is_me:
        canvas.disc(at, r + 4.2, SHEET, way, 2.5)
    if mark.state is TorchState.LIT:
        canvas.polygon(traced(DROP, mark.x, mark.y, r), FLAME)
    elif mark.state is TorchState.UNLIT:
        canvas.disc(at, r * 0.62 + 1, SHEET, RING, 2)
    else:
        if not mark.is_me:
            canvas.disc(at, r * 0.72, GROUND)
        a = r * 0.52
        canvas.line(((mark.x - a, mark.y - a), (mark.x + a, mark.y + a)), 2.6, ASH)
        canvas.line(((mark.x - a, mark.y + a), (mark.x + a, mark.y - a)), 2.6, ASH)
