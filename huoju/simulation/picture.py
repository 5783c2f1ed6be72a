"""The curve of a play as a picture: ambassadors, lit and out over time, with the numbers that matter beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from huoju.simulation.curve import Moment
from pages.pictures.canvas import Canvas, Writing
from pages.pictures.fonts import Fonts

WIDTH_PX, HEIGHT_PX = 1280, 720
_LEFT, _TOP, _RIGHT, _BOTTOM = 110.0, 150.0, 1020.0, 640.0
_GROUND, _INK, _SOFT, _GRID = "#fffaf3", "#2b211a", "#685a4e", "#e8dccb"
_ALL, _LIT, _OUT = "#ad390a", "#f2a33a", "#7d8794"
_FILL_ALL, _FILL_LIT = "#f7d9c8", "#fbe3b5"
_TICKS = 6
_MARKS = (1, 2, 3, 4, 6, 12, 24, 48, 96, 168)
"""Hours between two marks of the time axis: the first that needs no more than eight."""
_MOST_MARKS = 8

WORDING: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "players": "模拟 {players} 人 · 种子 {seed} · {hours} 小时",
        "all": "火炬大使",
        "lit": "已点燃",
        "out": "熄灭次数",
        "k": "K 因子",
        "share": "点燃率",
        "median": "点燃用时中位数",
        "chain": "最长的链",
        "seconds": "{count} 秒",
        "legs": "{count} 棒",
    },
    "en": {
        "players": "{players} simulated people · seed {seed} · {hours} hours",
        "all": "ambassadors",
        "lit": "lit",
        "out": "went out",
        "k": "K-factor",
        "share": "share lit",
        "median": "median time to light",
        "chain": "longest chain",
        "seconds": "{count} s",
        "legs": "{count} legs",
    },
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the picture."""

    title: Mapping[str, str]
    players: int
    seed: int
    moments: Sequence[Moment]
    zone: ZoneInfo
    k_factor: float
    share_lit: float
    median_seconds: int | None
    longest: int


def picture(shown: Shown, language: str, fonts: Fonts) -> bytes:
    """A PNG of ``WIDTH_PX`` × ``HEIGHT_PX``, in ``language`` ("zh" or "en")."""
    say = WORDING[language]
    canvas = Canvas(WIDTH_PX, HEIGHT_PX, ground=_GROUND, fonts=fonts)
    hours = f"{(shown.moments[-1].at - shown.moments[0].at) / timedelta(hours=1):g}"
    canvas.write(_LEFT, 66, shown.title[language], Writing(40, _INK, bold=True, anchor="start"), _RIGHT)
    below = say["players"].format(players=f"{shown.players:,}", seed=shown.seed, hours=hours)
    canvas.write(_LEFT, 108, below, Writing(22, _SOFT, anchor="start"), _RIGHT)
    most = max(max(moment.ambassadors, moment.out) for moment in shown.moments) or 1
    step = _round_step(most)
    top = -(-most // step) * step
    for value in range(0, top + 1, step):
        y = _BOTTOM - (_BOTTOM - _TOP) * value / top
        canvas.line([(_LEFT, y), (_RIGHT, y)], 1, _GRID)
        canvas.write(_LEFT - 14, y + 7, f"{value:,}", Writing(20, _SOFT, anchor="end"))
    for x, mark in _marks(shown):
        canvas.line([(x, _BOTTOM), (x, _BOTTOM + 8)], 1.5, _SOFT)
        canvas.write(x, _BOTTOM + 34, mark, Writing(20, _SOFT))
    _curves(canvas, shown.moments, top)
    _figures(canvas, shown, say)
    return canvas.png()


def _curves(canvas: Canvas, moments: Sequence[Moment], top: int) -> None:
    def points(values: Sequence[int]) -> list[tuple[float, float]]:
        width, height = (_RIGHT - _LEFT) / (len(values) - 1), _BOTTOM - _TOP
        return [(_LEFT + width * nth, _BOTTOM - height * value / top) for nth, value in enumerate(values)]

    everybody, lit = points([each.ambassadors for each in moments]), points([each.lit for each in moments])
    for line, fill in ((everybody, _FILL_ALL), (lit, _FILL_LIT)):
        canvas.polygon([*line, (_RIGHT, _BOTTOM), (_LEFT, _BOTTOM)], fill)
    canvas.line(points([each.out for each in moments]), 3, _OUT)
    canvas.line(lit, 4, _LIT)
    canvas.line(everybody, 4, _ALL)


def _figures(canvas: Canvas, shown: Shown, say: Mapping[str, str]) -> None:
    """The legend with its last values, and the numbers, one below another on the right."""
    last, x = shown.moments[-1], _RIGHT + 34
    y = _TOP + 8
    for key, value, colour in (("all", last.ambassadors, _ALL), ("lit", last.lit, _LIT), ("out", last.out, _OUT)):
        canvas.disc((x + 8, y - 7), 8, colour)
        canvas.write(x + 26, y, say[key], Writing(20, _SOFT, anchor="start"), WIDTH_PX - x - 40)
        canvas.write(x, y + 34, f"{value:,}", Writing(30, _INK, bold=True, anchor="start"))
        y += 74
    median = "–" if shown.median_seconds is None else say["seconds"].format(count=shown.median_seconds)
    numbers = (
        ("k", f"{shown.k_factor:.2f}"),
        ("share", f"{shown.share_lit:.0%}"),
        ("median", median),
        ("chain", say["legs"].format(count=shown.longest)),
    )
    for key, text in numbers:
        canvas.write(x, y, say[key], Writing(20, _SOFT, anchor="start"), WIDTH_PX - x - 16)
        canvas.write(x, y + 30, text, Writing(26, _INK, bold=True, anchor="start"))
        y += 68


def _marks(shown: Shown) -> Iterator[tuple[float, str]]:
    """Whole hours on the time axis, in the campaign's zone: (x, what is written)."""
    start, end = shown.moments[0].at, shown.moments[-1].at
    hours = (end - start) / timedelta(hours=1)
    every = timedelta(hours=next((each for each in _MARKS if hours / each <= _MOST_MARKS), _MARKS[-1]))
    at = start
    while at <= end:
        yield _LEFT + (_RIGHT - _LEFT) * ((at - start) / (end - start)), _written(at, shown.zone, every)
        at += every


def _written(at: datetime, zone: ZoneInfo, every: timedelta) -> str:
    return f"{at.astimezone(zone):%m-%d}" if every >= timedelta(hours=24) else f"{at.astimezone(zone):%H:%M}"


def _round_step(most: int) -> int:
    """A step of 1, 2 or 5 times a power of ten, so that few lines are enough."""
    step = 1
    while True:
        for times in (1, 2, 5):
            if step * times * _TICKS >= most:
                return step * times
        step *= 10
