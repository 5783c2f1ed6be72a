"""The torch badge: one player's torch as a medal, unlit, burning or out, to be passed on as a PNG."""

import math
from dataclasses import dataclass

from handlers.relay.views import TorchState
from pages.pictures.canvas import Canvas, Writing
from pages.pictures.fonts import Fonts
from pages.pictures.names import clean
from pages.pictures.torch import draw_torch
from pages.pictures.wording import WORDING, counted

SIZE_PX = 600
"""Width and height."""

_MIDDLE_X, _MIDDLE_Y, _RING = 300, 232, 168
_MIDDLE = (_MIDDLE_X, _MIDDLE_Y)
_RAYS = 36
_INK, _SOFT, _GROUND = "#fdf3e4", "#cdb9a5", "#1d1410"


@dataclass(frozen=True, slots=True)
class Badge:
    """What stands on a badge. Name and title are anybody's words: they are cleaned and cut to their place."""

    state: TorchState
    leg: int
    """1 for whoever began the chain."""
    name: str | None = None
    title: str | None = None
    """Of the campaign."""
    chain_length: int | None = None
    """Torches in the whole chain, or None to leave it out."""


@dataclass(frozen=True, slots=True)
class _Look:
    plate: str
    ring: str
    band: str
    on_band: str
    mark: str


_LOOKS = {
    TorchState.LIT: _Look("#3a1d10", "#ffb35c", "#e4571b", "#fff8f1", "#ffb35c"),
    TorchState.UNLIT: _Look("#2a211b", "#b99a80", "#4a3a2e", "#f7e6d3", "#d9bfa5"),
    TorchState.OUT: _Look("#211f1e", "#5f5954", "#393532", "#cfc8c1", "#8c857f"),
}


def badge(shown: Badge, language: str, fonts: Fonts) -> bytes:
    """A PNG of ``SIZE_PX`` × ``SIZE_PX``, below 60 kB, in ``language`` ("zh" or "en").

    The states differ by shape: rays and a flame, dashes and the
    outline of a flame, a broken ring and smoke; and by their word.
    """
    say = WORDING[language]
    look = _LOOKS[shown.state]
    canvas = Canvas(SIZE_PX, SIZE_PX, ground=_GROUND, fonts=fonts)
    canvas.pill((14, 14, SIZE_PX - 14, SIZE_PX - 14), 44, None, look.ring, 3)
    {TorchState.LIT: _rays, TorchState.UNLIT: _dashes, TorchState.OUT: _broken}[shown.state](canvas, look)
    draw_torch(canvas, _MIDDLE_X, _MIDDLE_Y + 22, 184, shown.state)
    title = _writable(canvas, shown.title) or say["campaign"]
    canvas.write(_MIDDLE_X, 62, title, Writing(27, _SOFT), 500)
    name = _writable(canvas, shown.name) or say["bearer"]
    canvas.write(_MIDDLE_X, 462, name, Writing(44, _INK, bold=True), 500)
    _band(canvas, look, say["leg"].format(leg=shown.leg), say[shown.state])
    if shown.chain_length is not None:
        canvas.write(_MIDDLE_X, 562, counted(say, "chain_length", shown.chain_length), Writing(22, _SOFT), 500)
    return canvas.png()


def _writable(canvas: Canvas, text: str | None) -> str | None:
    cleaned = clean(text)
    return cleaned if canvas.shows(cleaned) else None


def _band(canvas: Canvas, look: _Look, leg: str, state: str) -> None:
    style = Writing(27, look.on_band, bold=True, anchor="start")
    leg_width, state_width = canvas.width(leg, 27, bold=True), canvas.width(state, 27)
    left = _MIDDLE_X - (leg_width + 30 + state_width) / 2
    canvas.pill((left - 30, 484, left + leg_width + state_width + 60, 530), 23, look.band)
    canvas.disc((left + leg_width + 15, 507), 3, look.on_band)
    canvas.write(left, 517, leg, style)
    canvas.write(left + leg_width + 30, 517, state, Writing(27, look.on_band, anchor="start"))


def _spot(angle: float, radius: float) -> tuple[float, float]:
    return _MIDDLE_X + radius * math.cos(angle), _MIDDLE_Y + radius * math.sin(angle)


def _rays(canvas: Canvas, look: _Look) -> None:
    for n in range(_RAYS):
        angle = math.tau * n / _RAYS
        reach = 16 if n % 2 else 9
        canvas.line((_spot(angle, _RING - 22), _spot(angle, _RING - 22 + reach)), 4, look.ring)
    canvas.disc(_MIDDLE, 136, look.plate, look.ring, 5)


def _dashes(canvas: Canvas, look: _Look) -> None:
    canvas.disc(_MIDDLE, 136, look.plate)
    for n in range(_RAYS):
        canvas.arc(_MIDDLE, 140, (n * 10, n * 10 + 5.5), look.ring, 5)


def _broken(canvas: Canvas, look: _Look) -> None:
    canvas.disc(_MIDDLE, 136, look.plate)
    for start, end in ((-60, 48), (62, 170), (182, 268)):
        canvas.arc(_MIDDLE, 140, (start, end), look.ring, 5)
