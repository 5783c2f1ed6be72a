"""The torch itself, drawn large: its bowl and handle, and above them a flame, an outline of one, or smoke."""

import math
from itertools import pairwise

from handlers.relay.views import TorchState
from pages.pictures.canvas import Canvas, Curve, traced

FLAME: Curve = (
    (0.05, -1.0),
    (0.13, -0.6), (-0.10, -0.42), (-0.30, -0.18),
    (-0.47, 0.03), (-0.62, 0.22), (-0.62, 0.49),
    (-0.62, 0.80), (-0.36, 1.0), (0.0, 1.0),
    (0.36, 1.0), (0.62, 0.80), (0.62, 0.47),
    (0.62, 0.20), (0.50, 0.0), (0.40, -0.14),
    (0.37, 0.02), (0.31, 0.12), (0.22, 0.17),
    (0.33, -0.25), (0.36, -0.68), (0.05, -1.0),
)  # fmt: skip
"""A flame from -1 (its tip) to 1 (its foot)."""
DROP: Curve = (
    (0.08, -1.0),
    (0.12, -0.45), (0.70, -0.20), (0.70, 0.32),
    (0.70, 0.74), (0.38, 1.0), (0.0, 1.0),
    (-0.38, 1.0), (-0.70, 0.74), (-0.70, 0.32),
    (-0.70, -0.10), (-0.02, -0.40), (0.08, -1.0),
)  # fmt: skip
"""A flame so plain that it can be told at a dozen pixels."""
_SMOKE: Curve = ((0.0, 1.0), (-0.45, 0.55), (0.42, 0.25), (0.0, -0.15), (-0.36, -0.50), (0.34, -0.66), (0.06, -1.0))

OUTER, MIDDLE, INNER = "#e4571b", "#ff9a3d", "#ffe1a0"
_WOOD, _WOOD_DARK, _BOWL, _BOWL_DARK = "#8a5a3a", "#6b432a", "#c9a15a", "#9c7637"
_GHOST, _SMOKE_TONES = "#b99a80", ("#6f665f", "#8c827a")
_DASHES = 22


def draw_torch(canvas: Canvas, x: float, y: float, size: float, state: TorchState) -> None:
    """A torch ``size`` units high, with ``y`` at its rim."""
    u = size / 100

    def part(fill: str, *corners: tuple[float, float]) -> None:
        canvas.polygon([(x + dx * u, y + dy * u) for dx, dy in corners], fill)

    if state is TorchState.LIT:
        canvas.glow((x, y - 26 * u), 95 * u, MIDDLE, 0.75)
    part(_WOOD, (-9, 8), (9, 8), (4, 58), (-4, 58))
    part(_WOOD_DARK, (2, 8), (9, 8), (4, 58), (1, 58))
    canvas.disc((x, y + 58 * u), 4 * u, _WOOD_DARK)
    part(_BOWL, (-17, 0), (17, 0), (11, 15), (-11, 15))
    part(_BOWL_DARK, (4, 0), (17, 0), (11, 15), (3, 15))
    canvas.pill((x - 20 * u, y - 3 * u, x + 20 * u, y + 3 * u), 3 * u, _BOWL)
    {TorchState.LIT: _burning, TorchState.UNLIT: _waiting, TorchState.OUT: _smoking}[state](canvas, x, y - 2 * u, u)


def _burning(canvas: Canvas, x: float, y: float, u: float) -> None:
    canvas.polygon(traced(FLAME, x, y - 32 * u, 34 * u), OUTER)
    canvas.polygon(traced(FLAME, x, y - 22 * u, 23 * u), MIDDLE)
    canvas.polygon(traced(FLAME, x, y - 13 * u, 13 * u), INNER)


def _waiting(canvas: Canvas, x: float, y: float, u: float) -> None:
    outline = _evenly(traced(FLAME, x, y - 32 * u, 30 * u), 2 * _DASHES)
    for n in range(0, 2 * _DASHES, 2):
        canvas.line(outline[n : n + 2], 1.8 * u, _GHOST)


def _smoking(canvas: Canvas, x: float, y: float, u: float) -> None:
    left, right = traced(_SMOKE, x - 6 * u, y - 26 * u, 20 * u), traced(_SMOKE, x + 7 * u, y - 36 * u, 27 * u)
    for tone, wisp in zip(_SMOKE_TONES, (left, right), strict=True):
        for n, (here, there) in enumerate(pairwise(wisp)):
            canvas.line((here, there), (4.2 - 3.2 * n / len(wisp)) * u, tone)


def _evenly(outline: list[tuple[float, float]], count: int) -> list[tuple[float, float]]:
    """``count`` places on an outline, as far from each other as from the next."""
    lengths = [math.dist(a, b) for a, b in pairwise(outline)]
    step, found, walked, n = sum(lengths) / count, [], 0.0, 0
    for k in range(count):
        while walked + lengths[n] < k * step and n < len(lengths) - 1:
            walked += lengths[n]
            n += 1
        part = (k * step - walked) / lengths[n] if lengths[n] else 0
        (ax, ay), (bx, by) = outline[n], outline[n + 1]
        found.append((ax + (bx - ax) * part, ay + (by - ay) * part))
    return found
