"""The invite poster: what the campaign is, the call to take the torch, and the way in as a QR picture and a word."""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.relay.views import TorchState
from pages.look.look import PLAIN, Look
from pages.pictures.canvas import Canvas, Writing
from pages.pictures.fonts import Fonts
from pages.pictures.names import clean, clipped, clusters
from pages.pictures.torch import draw_torch
from pages.pictures.wording import WORDING
from pages.qr import QUIET_ZONE_MODULES, qr_code

WIDTH_PX, HEIGHT_PX = 1080, 1620

_MIDDLE = WIDTH_PX / 2
_GROUND, _SHEET, _INK, _SOFT, _EMBER = "#1d1410", "#ffffff", "#2b211a", "#685a4e", "#ad390a"
_PALE, _PALE_SOFT, _GLOW = "#fdf3e4", "#d9c3ad", "#ffb35c"
_TITLE_SIZES, _TITLE_WIDTH = {1: 70, 2: 60}, 940
_CARD = (140, 820, 940, 1500)
_QR_PX = 410
_LOGO_BOX, _DARK = (340, 36, 740, 156), "#14100d"


@dataclass(frozen=True, slots=True)
class Poster:
    """What stands on a poster. Title and organiser are cleaned and cut to their place."""

    title: str
    organiser: str
    word: str
    """The invite word, grouped for reading, like ``7K2M-9QXR``."""
    link: str
    """What the QR picture says."""
    name: str | None = None
    """Of whoever invites."""
    look: Look = PLAIN
    torch: bool = True
    """Whether a torch is handed on by it."""


def poster(shown: Poster, language: str, fonts: Fonts, logo: bytes | None = None) -> bytes:
    """A PNG of ``WIDTH_PX`` × ``HEIGHT_PX``, below 300 kB, in ``language`` ("zh" or "en").

    ``logo`` is the PNG that its look names. Raises segno.DataOverflowError for a link too long for QR.
    """
    say = WORDING[language]
    canvas = Canvas(WIDTH_PX, HEIGHT_PX, ground=_GROUND, fonts=fonts)
    ember, glow = shown.look.colours or (_EMBER, _GLOW)
    title = clean(shown.title, 80)
    lines = _wrapped(canvas, title if title and canvas.shows(title) else say["campaign"])
    down = _LOGO_BOX[3] - 28 if logo else 0
    for n, line in enumerate(lines):
        at = 126 + down + 84 * n
        canvas.write(_MIDDLE, at, line, Writing(_TITLE_SIZES[len(lines)], _PALE, bold=True), _TITLE_WIDTH)
    organiser = clean(shown.organiser)
    if logo:
        canvas.picture(logo, _LOGO_BOX, _DARK if shown.look.logo_on_dark else _SHEET)
    elif organiser and canvas.shows(organiser):
        by = say["by"].format(name=organiser)
        canvas.write(_MIDDLE, 110 + 84 * len(lines), by, Writing(32, _PALE_SOFT), _TITLE_WIDTH)
    draw_torch(canvas, _MIDDLE, *((560, 220) if logo else (518, 280)), TorchState.LIT)
    canvas.write(_MIDDLE, 774, _call(canvas, shown, say), Writing(64, glow, bold=True), _TITLE_WIDTH)
    _card(canvas, shown, say, ember)
    canvas.write(_MIDDLE, 1568, say["how"], Writing(32, _PALE), 980)
    return canvas.png()


def _call(canvas: Canvas, shown: Poster, say: Mapping[str, str]) -> str:
    """What the poster asks for, in the name of whoever invites where it has one that can be written."""
    name = clean(shown.name)
    if name and canvas.shows(name):
        return say["take_from" if shown.torch else "join_with"].format(name=name)
    return say["take" if shown.torch else "join"]


def _card(canvas: Canvas, shown: Poster, say: Mapping[str, str], ember: str) -> None:
    canvas.pill(_CARD, 40, _SHEET)
    _qr(canvas, shown.link, _MIDDLE, _CARD[1] + 20)
    canvas.write(_MIDDLE, 1292, say["scan"], Writing(30, _SOFT), 740)
    canvas.line(((_CARD[0] + 60, 1322), (_CARD[2] - 60, 1322)), 2, "#d9cfc2")
    canvas.write(_MIDDLE, 1372, say["word"], Writing(30, _SOFT), 740)
    canvas.write(_MIDDLE, 1458, clean(shown.word) or "", Writing(76, ember, bold=True), 740)


def _qr(canvas: Canvas, link: str, middle: float, top: float) -> None:
    """The picture on white, every module the same whole number of pixels, the quiet zone included."""
    code = qr_code(link)
    rows = [list(row) for row in code.matrix_iter(border=QUIET_ZONE_MODULES)]
    module = max(1, _QR_PX // len(rows))
    side = module * len(rows)
    left, top = round(middle - side / 2), round(top + (_QR_PX - side) / 2)
    canvas.blocks(left, top, module, rows)


def _wrapped(canvas: Canvas, title: str) -> list[str]:
    """``title`` on one line or two, broken between words where it has any."""

    def fits(text: str) -> bool:
        return canvas.width(text, _TITLE_SIZES[2], bold=True) <= _TITLE_WIDTH

    if canvas.width(title, _TITLE_SIZES[1], bold=True) <= _TITLE_WIDTH:
        return [title]
    first = clipped(title, fits).removesuffix("…")
    if not title[len(first) :].startswith(" ") and " " in first:
        first = first.rpartition(" ")[0]
    rest = title[len(first) :].strip()
    return [first.strip() or "".join(clusters(title)[:1]), rest]
