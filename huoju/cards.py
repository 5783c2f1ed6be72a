"""Cards on printable sheets: a PDF for an office printer or a copy shop, ten cards a page, each with its QR picture."""

import hashlib
import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas as Sheets

from core.alphabet import grouped
from core.campaign.rules import Rules
from handlers.codes.issuance import MOST_ON_SHEETS, Output, too_many_for_sheets
from pages.pictures.canvas import Canvas, Writing
from pages.pictures.fonts import Fonts
from pages.pictures.names import clean
from pages.qr import QUIET_ZONE_MODULES, qr_code

_WIDE, _HIGH = 85 * mm, 54 * mm  # as business cards, ISO/IEC 7810 ID-1 but for a millimetre
_ACROSS, _DOWN = 2, 5
_LEFT, _BOTTOM = (A4[0] - _ACROSS * _WIDE) / 2, (A4[1] - _DOWN * _HIGH) / 2
_MARGIN = 4 * mm
_QR = 30 * mm
_BESIDE = _MARGIN + _QR + 2 * mm
_ROOM = _WIDE - _BESIDE - _MARGIN
_TALL = 22 * mm
_CODE_SIZE, _LETTER = 13.0, 0.6  # every letter of Courier is so wide
_UNITS = 10  # of the caption in a millimetre
_HOW = ("扫一扫，或发送这个码", "Scan, or send this code")


class CardSheets:
    """The cards of a batch as PDF, with cut lines. ``add`` fills pages; ``end`` writes the file into ``out``.

    Where links have no beginning the QR picture says the code alone. Raises BatchRefused for too many cards.
    """

    def __init__(self, out: Output, rules: Rules, links_begin: str | None, fonts: Fonts, count: int) -> None:
        if count > MOST_ON_SHEETS:
            raise too_many_for_sheets()
        self._out, self._links_begin = out, links_begin or ""
        self._raw = io.BytesIO()
        self._sheets = Sheets(self._raw, pagesize=A4, pageCompression=1, invariant=1)
        self._sheets.setTitle(rules.name)
        self._caption = ImageReader(io.BytesIO(_caption(rules, fonts)))

    def add(self, first: int, codes: Sequence[str]) -> None:
        """Set the cards with the serial numbers from ``first`` on."""
        for serial, code in enumerate(codes, start=first):
            place = (serial - 1) % (_ACROSS * _DOWN)
            if place == 0 and serial > 1:
                self._sheets.showPage()
            row, column = divmod(place, _ACROSS)
            self._sheets.saveState()
            self._sheets.translate(_LEFT + column * _WIDE, _BOTTOM + (_DOWN - 1 - row) * _HIGH)
            self._card(serial, code)
            self._sheets.restoreState()

    def end(self) -> str:
        """Write the file; its SHA-256 in hex."""
        self._sheets.save()
        raw = self._raw.getvalue()
        self._out.write(raw)
        return hashlib.sha256(raw).hexdigest()

    def _card(self, serial: int, code: str) -> None:
        sheets, printed = self._sheets, grouped(code)
        sheets.setLineWidth(0.25)
        sheets.setStrokeGray(0.75)
        sheets.rect(0, 0, _WIDE, _HIGH)
        self._qr(self._links_begin + code)
        sheets.drawImage(self._caption, _BESIDE, _HIGH - _MARGIN - _TALL, _ROOM, _TALL)
        sheets.setFont("Courier-Bold", min(_CODE_SIZE, _ROOM / (_LETTER * len(printed))))
        sheets.drawString(_BESIDE, _MARGIN + 12 * mm, printed)
        sheets.setFont("Helvetica", 6)
        sheets.drawString(_BESIDE, _MARGIN, f"No. {serial}")

    def _qr(self, says: str) -> None:
        """Each row of the picture as its runs of black: sharp at every size, and no picture to keep."""
        rows = [bytes(row) for row in qr_code(says).matrix_iter(border=QUIET_ZONE_MODULES)]
        module, path = _QR / len(rows), self._sheets.beginPath()
        top = (_HIGH + _QR) / 2
        for number, row in enumerate(rows, start=1):
            column = 0
            while (start := row.find(1, column)) >= 0:
                column = row.find(0, start)
                path.rect(_MARGIN + start * module, top - number * module, (column - start) * module, module)
        self._sheets.drawPath(path, stroke=0, fill=1)


def _caption(rules: Rules, fonts: Fonts) -> bytes:
    """What every card says, as one picture: so a sheet needs no font of its own for Chinese."""
    wide, high = round(_ROOM / mm * _UNITS), round(_TALL / mm * _UNITS)
    canvas = Canvas(wide, high, ground="#ffffff", fonts=fonts, scale=2)
    titles, organisers = rules.title.model_dump(), rules.organiser.model_dump()
    lines = [
        *((clean(title, 60), Writing(34, "#000000", bold=True, anchor="start")) for title in _each(titles)),
        (" · ".join(_each(organisers)), Writing(20, "#555555", anchor="start")),
        *((how, Writing(20, "#555555", anchor="start")) for how in _HOW),
    ]
    for number, (text, style) in enumerate(lines, start=1):
        canvas.write(0, high / (len(lines) + 0.5) * number, text or "", style, wide)
    return canvas.png(16)


def _each(phrase: dict[str, str]) -> list[str]:
    return list(dict.fromkeys(text for text in phrase.values() if text))
