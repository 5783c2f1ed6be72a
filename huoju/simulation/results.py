"""What came out of a play: the torches over time, as numbers, as text and as a PNG, and what was said and won."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.models import Outbox
from handlers.codes.tables import Redemption
from handlers.draws.tables import Draw
from handlers.relay.tables import Torch
from pages.pictures.canvas import Canvas, Writing
from pages.pictures.fonts import Fonts
from pages.wording import titled

WIDTH_PX, HEIGHT_PX = 1280, 720
_LEFT, _TOP, _RIGHT, _BOTTOM = 110.0, 150.0, 1020.0, 640.0
_GROUND, _INK, _SOFT, _GRID = "#fffaf3", "#2b211a", "#685a4e", "#e8dccb"
_ALL, _LIT, _OUT = "#ad390a", "#f2a33a", "#7d8794"
_FILL_ALL, _FILL_LIT = "#f7d9c8", "#fbe3b5"
_TICKS = 6
_MARKS = (1, 2, 3, 4, 6, 12, 24, 48, 96, 168)
"""Hours between two marks of the time axis: the first that needs no more than eight."""
_MOST_MARKS = 8
_BAR_WIDTH = 44
_BAR_LIT, _BAR_UNLIT = "█", "░"

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


class Moment(NamedTuple):
    """How the relay stood at one moment."""

    at: datetime
    ambassadors: int
    """Players who hold a torch, or held one."""
    lit: int
    """Of these, who has lit one."""
    out: int
    """Torches that went out, relit ones counted again."""


def curve(session: Session, campaign_id: int, start: datetime, end: datetime, points: int) -> list[Moment]:
    """``points`` moments, evenly from ``start`` to ``end``, both among them; counted from the torches themselves."""
    first: dict[int, datetime] = {}
    lit: dict[int, datetime] = {}
    out: list[datetime] = []
    columns = (Torch.player_id, Torch.granted_at, Torch.ends_at, Torch.lit_at)
    for player_id, granted_at, ends_at, lit_at in session.execute(
        select(*columns).where(Torch.campaign_id == campaign_id)
    ):
        first[player_id] = min(first.get(player_id, granted_at), granted_at)
        if lit_at is None:
            out.append(ends_at)
        else:
            lit[player_id] = min(lit.get(player_id, lit_at), lit_at)
    step = (end - start) / (points - 1)
    moments = [start + step * nth for nth in range(points)]
    counted = (_by(moments, each) for each in (first.values(), lit.values(), out))
    return [Moment(*row) for row in zip(moments, *counted, strict=True)]


def _by(moments: Sequence[datetime], instants: Iterable[datetime]) -> list[int]:
    """How many of ``instants`` lie at or before each moment."""
    in_order, counts, place = sorted(instants), [], 0
    for moment in moments:
        while place < len(in_order) and in_order[place] <= moment:
            place += 1
        counts.append(place)
    return counts


def chart(moments: Sequence[Moment], zone: ZoneInfo) -> list[str]:
    """The curve as text: a line for each moment, its bar all ambassadors, the dark part those who lit a torch."""
    most = max(moment.ambassadors for moment in moments) or 1
    lines = [
        f"{'time':<11} {_BAR_LIT} lit  {_BAR_UNLIT} not lit".ljust(_BAR_WIDTH + 13)
        + f"{'ambassadors':>12}{'lit':>8}{'out':>8}"
    ]
    for at, ambassadors, lit, out in moments:
        dark, whole = (_BAR_WIDTH * count // most for count in (lit, ambassadors))
        bar = (_BAR_LIT * dark + _BAR_UNLIT * (whole - dark)).ljust(_BAR_WIDTH)
        lines.append(f"{at.astimezone(zone):%m-%d %H:%M} {bar} {ambassadors:>12}{lit:>8}{out:>8}")
    return lines


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands on the picture: the curve, and the numbers that matter beside it."""

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
    canvas.write(_LEFT, 66, titled(shown.title, language), Writing(40, _INK, bold=True, anchor="start"), _RIGHT)
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


class Totals(NamedTuple):
    """What was said and won in a play."""

    said: int
    """Texts."""
    redeemed: int
    """Codes."""
    drawn: int
    won: int


def totals(session: Session) -> Totals:
    """Count what was said and won in a whole database."""
    said = session.scalar(select(func.count()).select_from(Outbox)) or 0
    redeemed = session.scalar(select(func.count()).select_from(Redemption)) or 0
    drawn = session.scalar(select(func.count()).select_from(Draw)) or 0
    won = session.scalar(select(func.count()).select_from(Draw).where(Draw.prize.is_not(None))) or 0
    return Totals(said, redeemed, drawn, won)
