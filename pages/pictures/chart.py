"""The chart of a campaign: a small panel for each measure, its days as a line, those of the stretch before dashed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor, hypot, log10
from typing import NamedTuple

from core.measures.comparison import Compared, Comparison, change, shown
from core.measures.measure import Unit
from pages.pictures.canvas import Canvas, Point, Points, Writing
from pages.pictures.fonts import Fonts
from pages.pictures.names import clean
from pages.pictures.wording import CHART

WIDTH, SCALE = 390, 2
"""A phone is so many units wide; text of 11 units is the smallest that can be read there."""

_MARGIN, _ACROSS, _TOP, _HIGH, _FOOT = 16, 2, 104, 134, 30
_PANEL = (WIDTH - (_ACROSS + 1) * _MARGIN) / _ACROSS
_PLOT_TOP, _PLOT_BOTTOM, _LABELS, _INSET = 56, 108, 124, 8
_GROUND, _INK, _SOFT, _RULE = "#ffffff", "#1c2127", "#59636e", "#d9dee3"
_NOW, _UNDER, _BEFORE = "#0072b2", "#e4f0f8", "#75706b"  # blue of Okabe and Ito; dashes and grey tell it from before
_DASH, _GAP = 4.0, 3.0
_MOST_DOTS = 7
_STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_WEEK = 7
_SMALL = 10


class _Sheet(NamedTuple):
    """What is drawn on, of what, in which language."""

    canvas: Canvas
    of: Comparison
    language: str

    @property
    def say(self) -> Mapping[str, str]:
        """The words."""
        return CHART[self.language]


class _Scale(NamedTuple):
    """What stands where in a plot: its left, right, top and bottom, and the values at the last two."""

    left: float
    right: float
    top: float
    bottom: float
    low: float
    high: float

    def points(self, values: Sequence[int], many: int) -> list[Point]:
        """Where ``values`` stand, of as ``many`` as there is room for."""
        step = (self.right - self.left) / max(many - 1, 1)
        first = self.left if many > 1 else (self.left + self.right) / 2
        return [(first + number * step, self.at(value)) for number, value in enumerate(values)]

    def at(self, value: float) -> float:
        """How high a value stands."""
        return self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)


def chart(comparison: Comparison, language: str, fonts: Fonts) -> bytes:
    """A PNG, ``WIDTH`` × ``SCALE`` pixels wide, in ``language`` ("zh" or "en"): all lines, one at least.

    What differs by colour differs by shape, too: a line and dashes, a dot and a ring for the day that is not over.
    """
    rows = ceil(len(comparison.lines) / _ACROSS)
    bottom = _TOP + rows * _HIGH + _FOOT
    canvas = Canvas(WIDTH, bottom, ground=_GROUND, fonts=fonts, scale=SCALE)
    sheet = _Sheet(canvas, comparison, language)
    _head(sheet)
    for number, each in enumerate(comparison.lines):
        down, across = divmod(number, _ACROSS)
        _panel(sheet, (_MARGIN + across * (_PANEL + _MARGIN), _TOP + down * _HIGH), each)
    zone = comparison.rules.zone
    as_of = sheet.say["as_of"].format(at=f"{comparison.asked.at.astimezone(zone):%Y-%m-%d %H:%M}", zone=zone.key)
    canvas.write(_MARGIN, bottom - 14, as_of, _left(11, _SOFT), WIDTH - 2 * _MARGIN)
    return canvas.png(64)


def _head(sheet: _Sheet) -> None:
    canvas, say, room = sheet.canvas, sheet.say, WIDTH - 2 * _MARGIN
    rules, asked = sheet.of.rules, sheet.of.asked
    title = clean(rules.title.said(sheet.language), 80)
    canvas.write(_MARGIN, 32, title if title and canvas.shows(title) else rules.name, _left(18, _INK, bold=True), room)
    days = _span(sheet)
    told = days if asked.channel is None else f"{days} · {asked.channel}"
    canvas.write(_MARGIN, 52, told, _left(12.5, _SOFT), room)
    canvas.write(_MARGIN, 70, say[f"number_{asked.stretch}"], _left(12.5, _SOFT), room)
    left = _key(canvas, _MARGIN, say[f"now_{asked.stretch}"], is_now=True)
    if any(each.days_before for each in sheet.of.lines):
        left = _key(canvas, left, say[f"before_{asked.stretch}"], is_now=False)
    if sheet.of.is_open:
        canvas.disc((left + 5, 86), 3.6, _GROUND, _NOW, 1.6)
        canvas.write(left + 13, 90, say["open"], _left(12, _INK), WIDTH - _MARGIN - left - 13)


def _left(size: float, fill: str, *, bold: bool = False) -> Writing:
    return Writing(size, fill, bold=bold, anchor="start")


def _key(canvas: Canvas, left: float, text: str, *, is_now: bool) -> float:
    """Say what a line means; returns where the next may begin."""
    line = ((left + 1, 86), (left + 21, 86))
    if is_now:
        canvas.line(line, 2.4, _NOW)
        canvas.disc((left + 11, 86), 3.2, _NOW)
    else:
        _dashed(canvas, line)
    canvas.write(left + 27, 90, text, _left(12, _INK))
    return left + 27 + canvas.width(text, 12) + 14


def _span(sheet: _Sheet) -> str:
    many = max(len(each.days) for each in sheet.of.lines)
    first, last = sheet.of.first, sheet.of.first + timedelta(days=many - 1)
    return _day(sheet, last) if many == 1 else f"{_day(sheet, first)} – {_day(sheet, last)}"


def _day(sheet: _Sheet, day: date) -> str:
    is_chinese = sheet.language == "zh"
    return f"{day.month}月{day.day}日" if is_chinese else f"{day.day} {sheet.say['months'].split()[day.month - 1]}"


def _panel(sheet: _Sheet, corner: Point, each: Compared) -> None:
    canvas, (left, top) = sheet.canvas, corner
    name = each.measure.chinese if sheet.language == "zh" else each.measure.name.capitalize()
    canvas.write(left, top + 16, name, _left(12.5, _SOFT), _PANEL)
    _number(sheet, corner, each)
    values = [*each.days, *each.days_before]
    high, low = _nice(max(values, default=0), each.measure.unit), min(*values, 0, 0)
    scale = _Scale(left + _INSET, left + _PANEL - _INSET, top + _PLOT_TOP, top + _PLOT_BOTTOM, low, max(high, low + 1))
    many = len(each.days)
    now, before = scale.points(each.days, many), scale.points(each.days_before, many)
    ground = scale.at(0)
    if many > 1:
        canvas.polygon([(now[0][0], ground), *now, (now[-1][0], ground)], _UNDER)
    canvas.line(((left, ground), (left + _PANEL, ground)), 0.8, _RULE)
    if high:
        canvas.line(((left, scale.top), (left + _PANEL, scale.top)), 0.8, _RULE)
        canvas.write(left, scale.top - 4, _short(high, each.measure.unit, sheet.language), _left(11, _SOFT))
    _dashed(canvas, before)
    if many > 1:
        canvas.line(now, 2.2, _NOW)
    _dots(canvas, now, is_open=sheet.of.is_open)
    _labels(sheet, now, top + _LABELS)


def _number(sheet: _Sheet, corner: Point, each: Compared) -> None:
    """What it came to in all, and by how much that is more or less than before; never cut."""
    canvas, rules, unit = sheet.canvas, sheet.of.rules, each.measure.unit
    value, by = shown(each.measure, rules, each.now), ""
    whole = f"{value:,}" if isinstance(value, int) else value
    if each.before is not None:
        by = change(each.measure, rules, each.now, each.before)
    room = _PANEL - canvas.width(by, 12) - 8
    told = whole if canvas.width(whole, 17, bold=True) <= room else _short(each.now, unit, sheet.language)
    canvas.write(corner[0], corner[1] + 36, told, _left(17, _INK, bold=True))
    canvas.write(corner[0] + _PANEL, corner[1] + 36, by, Writing(12, _INK, anchor="end"))


def _dots(canvas: Canvas, points: Points, *, is_open: bool) -> None:
    """A dot on each day of a few, else on the last one; that is a ring while it is not over."""
    for point in points[:-1] if len(points) <= _MOST_DOTS else ():
        canvas.disc(point, 2.8, _NOW)
    for point in points[-1:]:
        canvas.disc(point, 3.8, _GROUND if is_open else _NOW, _NOW, 1.6)


def _labels(sheet: _Sheet, points: Points, height: float) -> None:
    """The day of the week below each day of a few, else the first and the last date."""
    canvas = sheet.canvas
    days = [sheet.of.first + timedelta(days=number) for number in range(len(points))]
    if not days:
        return
    if len(days) <= _WEEK:
        names = sheet.say["weekdays"].split()
        for day, (across, _) in zip(days, points, strict=True):
            is_last = day == days[-1]
            style = Writing(11, _INK if is_last else _SOFT, bold=is_last)
            canvas.write(across, height, names[day.weekday()], style)
        return
    canvas.write(points[0][0] - _INSET, height, f"{days[0]:%m-%d}", _left(11, _SOFT))
    canvas.write(points[-1][0] + _INSET, height, f"{days[-1]:%m-%d}", Writing(11, _INK, bold=True, anchor="end"))


def _dashed(canvas: Canvas, points: Points) -> None:
    """Dashes along a line; they go around its corners."""
    along, is_drawn, left = list[Point](points[:1]), True, _DASH
    for start, end in pairwise(points):
        length, gone = hypot(end[0] - start[0], end[1] - start[1]), 0.0
        while length - gone > left:
            gone += left
            share = gone / length
            at = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            if is_drawn:
                canvas.line([*along, at], 1.6, _BEFORE)
            along, is_drawn = [at], not is_drawn
            left = _DASH if is_drawn else _GAP
        left -= length - gone
        along.append(end)
    if is_drawn and len(along) > 1:
        canvas.line(along, 1.6, _BEFORE)


def _nice(most: int, unit: Unit) -> float:
    """A number not below ``most`` that is short to say."""
    if most <= (_SMALL if unit in {Unit.COUNT, Unit.POINTS} else 0):
        return most
    power = 10.0 ** floor(log10(most))
    return next(step * power for step in _STEPS if step * power >= most)


def _short(value: float, unit: Unit, language: str) -> str:
    """A value in few signs: 4,000, 40 M, 4000 万."""
    value /= {Unit.CENTS: 100, Unit.MICROS: 1_000_000}.get(unit, 1)
    for least, size, name in _SIZES[language]:
        if abs(value) >= least:
            digits = max(2 - floor(log10(abs(value) / size)), 0)
            told = f"{value / size:,.{digits}f}"
            return (told.rstrip("0").rstrip(".") if digits else told) + name
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


_SIZES: Mapping[str, Sequence[tuple[float, float, str]]] = {
    "en": ((1e9, 1e9, " bn"), (1e6, 1e6, " M"), (1e4, 1e3, " k")),
    "zh": ((1e8, 1e8, " 亿"), (1e4, 1e4, " 万")),
}
"""From which value on it is told in which size."""
