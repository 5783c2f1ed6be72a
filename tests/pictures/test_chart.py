"""The chart as it is drawn: no writing runs into another one or out of the picture, whatever the numbers are."""

from datetime import UTC, date, datetime
from functools import cache
from io import BytesIO
from itertools import combinations
from random import Random
from typing import Any

import pytest
from PIL import Image

from core.campaign.reader import read_content
from core.campaign.rules import Rules
from core.measures.comparison import Asked, Compared, Comparison, Stretch
from core.measures.measure import Unit
from handlers import MECHANICS
from pages.pictures import chart as drawing
from pages.pictures.canvas import Canvas, Writing
from pages.pictures.chart import chart
from pages.pictures.fonts import find_fonts
from tests.stage import CAMPAIGN

pytestmark = pytest.mark.reading
FONTS = find_fonts()
LINES = (
    "players joined",
    "active players",
    "codes redeemed",
    "prizes won",
    "points given",
    "friends brought in",
    "claims delivered",
    "cost of texts",
)
LONG = {
    "zh": "火炬食品二〇二六年冬季全国开袋扫码赢大奖暨火炬传递接力感恩回馈活动第二季",
    "en": "The great Huoju winter relay of twenty twenty-six: open a bag, pass the torch",
}
Box = tuple[float, float, float, float]


@cache
def snack() -> Rules:
    return read_content("snack", CAMPAIGN.encode(), MECHANICS.sections).rules


def compared(stretch: Stretch, most: int, days: int = 7, title: str = "") -> Comparison:
    """Lines of ``days`` days, of ``most`` each at most, beside as many before, but for what is told since it opened."""
    random, lines = Random(most), list[Compared]()
    one_alone = stretch in {"day", "yesterday"}
    for name in LINES:
        now, before = ([int(most * random.random()) for _ in range(days)] for _ in range(2))
        if stretch == "since":
            lines.append(Compared(MECHANICS.measures[name], sum(now), None, now))
        else:
            told = slice(-1, None) if one_alone else slice(None)
            lines.append(Compared(MECHANICS.measures[name], sum(now[told]), sum(before[told]), now, before))
    rules = snack()
    if title:
        rules = rules.model_copy(update={"title": rules.title.model_copy(update={"zh": title, "en": title})})
    at = datetime(2026, 12, 8, 4, 0, tzinfo=UTC)
    return Comparison(rules, Asked(1, stretch, None, at), date(2026, 12, 2), stretch != "yesterday", lines)


CASES = {
    "nothing": compared("week", 0),
    "few": compared("day", 3),
    "forty million": compared("yesterday", 40_000_000),
    "much": compared("week", 10**13),
    "a month": compared("month", 12_345, 28),
    "one day": compared("since", 30, 1),
    "a year": compared("since", 99_999, 366),
    "long name": compared("week", 900, title=LONG["en"] * 3),
    "long Chinese name": compared("week", 900, title=LONG["zh"] * 3),
}


class Recorded(Canvas):
    """Notes where each piece of writing stands."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.written: list[tuple[str, Box]] = []
        RECORDED.append(self)

    def write(self, x: float, y: float, text: str, style: Writing, max_width: float = 1e6) -> None:
        wide = min(self.width(text, style.size, bold=style.bold), max_width)
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[style.anchor]
        if text:
            self.written.append((text, (left, y - 0.8 * style.size, left + wide, y + 0.1 * style.size)))
        super().write(x, y, text, style, max_width)


RECORDED: list[Recorded] = []


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", CASES)
def test_no_writing_runs_into_another(monkeypatch: pytest.MonkeyPatch, name: str, language: str) -> None:
    monkeypatch.setattr(drawing, "Canvas", Recorded)
    picture = Image.open(BytesIO(chart(CASES[name], language, FONTS)))
    written = RECORDED.pop().written
    assert len(written) > len(LINES) * 3
    wide, high = picture.width / drawing.SCALE, picture.height / drawing.SCALE
    assert wide == 390
    for text, box in written:
        assert box[0] >= 0, text
        assert box[2] <= wide, text
        assert box[3] <= high, text
    hits = [(one[0], other[0]) for one, other in combinations(written, 2) if overlap(one[1], other[1])]
    assert hits == []


def light(colour: str) -> float:
    """Relative luminance, as WCAG 2 has it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_it_can_be_read_in_the_sun() -> None:
    for ink in (drawing._INK, drawing._SOFT):
        assert contrast(ink, drawing._GROUND) >= 4.5
    for line in (drawing._NOW, drawing._BEFORE):
        assert contrast(line, drawing._GROUND) >= 3
        assert contrast(line, drawing._UNDER) >= 3


SHORT = [
    # a value       in English   in Chinese
    (0, "0", "0"),
    (9_999, "9,999", "9,999"),
    (12_300, "12.3 k", "1.23 万"),
    (999_999, "1,000 k", "100 万"),
    (40_000_000, "40 M", "4,000 万"),
    (1_250_000_000, "1.25 bn", "12.5 亿"),
    (-15_000, "-15 k", "-1.5 万"),
]


def test_values_are_short() -> None:
    for value, english, chinese in SHORT:
        assert [drawing._short(value, Unit.COUNT, language) for language in ("en", "zh")] == [english, chinese]
    assert drawing._short(150, Unit.CENTS, "en") == "1.50"
    assert [drawing._nice(most, Unit.COUNT) for most in (0, 7, 11, 1_001, 8_000_000)] == [0, 7, 15, 1_500, 8_000_000]
