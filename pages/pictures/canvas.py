"""A Pillow picture with smooth edges: shapes are drawn larger and reduced, writing is set on top of them."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PIL import Image, ImageDraw, ImageFilter

from pages.pictures.fonts import Fonts
from pages.pictures.names import clipped

Point = tuple[float, float]
Points = Sequence[Point]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Curve = tuple[Point, ...]
"""Cubic Bézier curves one after another: a start, then two controls and an end each."""

_SMOOTHING, _SMOOTHING_LARGE, _LARGE_PX = 3, 2, 1_000_000
_SMALLER = 0.82
_STEPS = 10
_CURVE_POINTS = 3


@dataclass(frozen=True, slots=True)
class Writing:
    """How a line is set: size and place in units, ``anchor`` start, middle or end, on its baseline."""

    size: float
    fill: str
    bold: bool = False
    anchor: str = "middle"


class Canvas:
    """A picture of ``width`` × ``height`` units; ``scale`` pixels a unit come out. All measures are units."""

    def __init__(self, width: int, height: int, *, ground: str, fonts: Fonts, scale: float = 1) -> None:
        self.fonts = fonts
        self._out_px = (round(width * scale), round(height * scale))
        self._scale = scale
        is_large = self._out_px[0] * self._out_px[1] > _LARGE_PX
        self._k = scale * (_SMOOTHING_LARGE if is_large else _SMOOTHING)
        self._picture = Image.new("RGB", (round(width * self._k), round(height * self._k)), ground)
        self._draw = ImageDraw.Draw(self._picture)
        self._writing: list[Callable[[ImageDraw.ImageDraw], None]] = []

    def polygon(self, points: Points, fill: str) -> None:
        """A filled outline."""
        self._draw.polygon([(x * self._k, y * self._k) for x, y in points], fill=fill)

    def line(self, points: Points, width: float, fill: str) -> None:
        """A line with round ends and corners."""
        scaled = [(x * self._k, y * self._k) for x, y in points]
        across = max(1, round(width * self._k))
        self._draw.line(scaled, fill=fill, width=across, joint="curve")
        for x, y in (scaled[0], scaled[-1]):
            self._draw.ellipse((x - across / 2, y - across / 2, x + across / 2, y + across / 2), fill=fill)

    def disc(self, at: Point, r: float, fill: str | None, edge: str | None = None, width: float = 0) -> None:
        """A circle; ``width`` is that of its edge, which lies inside ``r``."""
        box = tuple(v * self._k for v in (at[0] - r, at[1] - r, at[0] + r, at[1] + r))
        self._draw.ellipse(box, fill=fill, outline=edge, width=round(width * self._k))

    def arc(self, at: Point, r: float, degrees: tuple[float, float], fill: str, width: float) -> None:
        """A part of a circle, clockwise from three o'clock."""
        box = tuple(v * self._k for v in (at[0] - r, at[1] - r, at[0] + r, at[1] + r))
        self._draw.arc(box, degrees[0], degrees[1], fill=fill, width=round(width * self._k))

    def pill(self, box: Box, radius: float, fill: str | None, edge: str | None = None, width: float = 0) -> None:
        """A rectangle with round corners."""
        scaled = tuple(v * self._k for v in box)
        self._draw.rounded_rectangle(scaled, radius * self._k, fill=fill, outline=edge, width=round(width * self._k))

    def glow(self, at: Point, r: float, colour: str, strength: float) -> None:
        """Light around a place, fading to nothing at ``r``; ``strength`` 0 to 1 in its middle."""
        small = Image.new("L", (64, 64), 0)
        ImageDraw.Draw(small).ellipse((19, 19, 45, 45), fill=round(255 * strength))
        side = round(2 * r * self._k)
        light = small.filter(ImageFilter.GaussianBlur(6)).resize((side, side), Image.Resampling.BICUBIC)
        corner = (round((at[0] - r) * self._k), round((at[1] - r) * self._k))
        self._picture.paste(Image.new("RGB", light.size, colour), corner, light)

    def blocks(self, left: int, top: int, side: int, rows: Sequence[Sequence[int]]) -> None:
        """Black squares on white, row by row, where a value is not 0: sharp, for whole units and a whole scale."""
        small = Image.new("L", (len(rows[0]), len(rows)))
        small.putdata([0 if value else 255 for row in rows for value in row])
        k = round(side * self._k)
        large = small.resize((small.width * k, small.height * k), Image.Resampling.NEAREST)
        self._picture.paste(large.convert("RGB"), (round(left * self._k), round(top * self._k)))

    def picture(self, png: bytes, box: Box, ground: str) -> None:
        """The picture in ``png``, as large as it fits into ``box``, in its middle, on a plate of ``ground``."""
        left, top, right, bottom = box
        with Image.open(io.BytesIO(png)) as opened:
            shown = opened.convert("RGBA")
        scale = min((right - left) / shown.width, (bottom - top) / shown.height)
        wide, high = shown.width * scale, shown.height * scale
        x, y = (left + right - wide) / 2, (top + bottom - high) / 2
        self.pill((x - 20, y - 14, x + wide + 20, y + high + 14), 18, ground)
        large = shown.resize((round(wide * self._k), round(high * self._k)), Image.Resampling.LANCZOS)
        self._picture.paste(large, (round(x * self._k), round(y * self._k)), large)

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide ``text`` is set, in units."""
        runs = self.fonts.runs(text, round(size * self._scale), bold=bold)
        return sum(font.getlength(piece) for piece, font in runs) / self._scale

    def write(self, x: float, y: float, text: str, style: Writing, max_width: float = 1e6) -> None:
        """``text`` on one line: a little smaller, then cut with an ellipsis, where it is wider than ``max_width``."""
        if self.width(text, style.size, bold=style.bold) > max_width:
            style = replace(style, size=style.size * _SMALLER)
        shown = clipped(text.strip(), lambda t: self.width(t, style.size, bold=style.bold) <= max_width)
        runs = self.fonts.runs(shown.strip(), round(style.size * self._scale), bold=style.bold)
        length = sum(font.getlength(piece) for piece, font in runs)
        left = x * self._scale - {"start": 0, "middle": length / 2, "end": length}[style.anchor]
        for piece, font in runs:
            set_at = partial(ImageDraw.ImageDraw.text, xy=(left, y * self._scale), anchor="ls")
            self._writing.append(partial(set_at, text=piece, fill=style.fill, font=font))
            left += font.getlength(piece)

    def shows(self, text: str | None) -> bool:
        """Whether anything of ``text`` can be written."""
        return bool(text) and any(piece.strip() for piece, _ in self.fonts.runs(text or "", 16))

    def png(self, colours: int = 256) -> bytes:
        """The picture as PNG with a palette, which keeps it small in bytes."""
        out = self._picture.resize(self._out_px, Image.Resampling.BOX)
        draw = ImageDraw.Draw(out)
        for write in self._writing:
            write(draw)
        kept = io.BytesIO()
        few = out.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        few.save(kept, format="PNG", optimize=True)
        return kept.getvalue()


def traced(curve: Curve, x: float, y: float, size: float) -> list[Point]:
    """The outline of ``curve`` as points, ``size`` units large, its middle at ``x``, ``y``."""
    points = [curve[0]]
    for n in range(1, len(curve) - 1, _CURVE_POINTS):
        a, b, c, d = curve[n - 1 : n + 3]
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            u = 1 - t
            weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
            points.append((_mix(weights, (a[0], b[0], c[0], d[0])), _mix(weights, (a[1], b[1], c[1], d[1]))))
    return [(x + px * size, y + py * size) for px, py in points]


def _mix(weights: Sequence[float], values: Sequence[float]) -> float:
    return sum(weight * value for weight, value in zip(weights, values, strict=True))
