"""Sheets of text as they come back: the rows of a .csv or .xlsx that somebody saved in a spreadsheet."""

import contextlib
import csv
import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from huoju.sheets import SheetRefused, without_apostrophes

_Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta

_MIB = 2**20
_MOST_BYTES = 20 * _MIB
_MOST_BYTES_UNPACKED = 200 * _MIB
# The library takes 32 bytes for every place between the first and the last cell, filled or not; when it has not enough
# memory it ends the process.
_MOST_PLACES = 20_000_000
# Every cell's tag, with its address when that comes first (as all spreadsheets write it) and its end when it is empty.
_CELL = re.compile(
    rb"<(?:[^\s<>]*:)?c(?=[\s/>])"
    rb'(?:\s+r="([A-Z]{1,3})([0-9]{1,7})"((?:\s+[\w:]+="[^"<]*")*\s*/>)?)?'
)
# Excel keeps 15 digits of a number: support.microsoft.com, "Excel specifications and limits"
_ROUNDED_FROM = 10**15


def read_sheet(
    path: Path, most_rows: int = 200_000, headings_wanted: Sequence[Sequence[str]] = ()
) -> list[tuple[int, dict[str, str]]]:
    """The rows of a .csv, or of the first visible worksheet of an .xlsx, each with its line as a spreadsheet counts.

    The first line that is not blank has the headings, which come back in lower case. Values are stripped text: numbers
    without exponent, dates by ISO 8601, and what a cell leaves out is "". Blank lines are left out.
    ``headings_wanted``, in each language, tell headings from a first line that is data.

    Raises SheetRefused, in this order: a suffix that is neither, a file that is not there, cannot be read or is over
    20 MiB (200 MiB unpacked), one that is no sheet, and then the first line that is wrong: none of the headings
    that are wanted, a heading twice, a value without heading, a number that Excel has rounded, more than ``most_rows``
    rows.
    """
    split = _SPLITTERS.get(path.suffix.lower())
    if split is None:
        raise SheetRefused(f"{path} is neither .csv nor .xlsx; save the sheet as one of these")
    headings: list[str] = []
    rows: list[tuple[int, dict[str, str]]] = []
    for line, raw in split(path, _bytes(path)):
        cells = [without_apostrophes(cell.strip()).strip() for cell in raw]
        if not any(cells):
            continue
        if not headings:
            headings = _headings(path, line, cells, headings_wanted)
        elif len(rows) == most_rows:
            raise SheetRefused(f"{path} line {line}: more than {most_rows} rows; divide the sheet")
        else:
            rows.append((line, _row(path, line, headings, cells)))
    if not headings:
        raise SheetRefused(f"{path} is empty; its first line must have the headings")
    return rows


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise SheetRefused(f"{path} is no file; give the path of a sheet")
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise SheetRefused(f"{path} cannot be read: {error.strerror or error}") from None
    if len(raw) > _MOST_BYTES:
        raise SheetRefused(f"{path} is larger than {_MOST_BYTES // _MIB} MiB; divide the sheet")
    return raw


def _headings(path: Path, line: int, cells: list[str], wanted: Sequence[Sequence[str]]) -> list[str]:
    headings = [cell.lower() for cell in cells]
    if wanted and not any(name.lower() in headings for names in wanted for name in names):
        shown = "; ".join(", ".join(names) for names in wanted)
        raise SheetRefused(f"{path} line {line}: the first line must be the headings ({shown})")
    for heading in headings:
        if heading and headings.count(heading) > 1:
            raise SheetRefused(f"{path} line {line}: the heading {heading!r} stands twice; rename or delete one column")
    return headings


def _row(path: Path, line: int, headings: list[str], cells: list[str]) -> dict[str, str]:
    pairs = list(zip_longest(headings, cells, fillvalue=""))
    if any(cell and not heading for heading, cell in pairs):
        raise SheetRefused(f"{path} line {line}: a cell stands outside the columns that have headings; delete it")
    return {heading: cell for heading, cell in pairs if heading}


def _csv_lines(path: Path, raw: bytes) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(path, raw)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    line = 0
    try:
        for line, cells in enumerate(reader, 1):
            yield line, cells
    except csv.Error as error:
        raise SheetRefused(f"{path} line {line + 1}: {error}; open and save it in a spreadsheet") from None


def _decoded(path: Path, raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            text = raw.decode(encoding)
            if "\0" not in text:
                return text
    raise SheetRefused(f"{path} is no text; save the sheet as CSV UTF-8")


def _separator(text: str) -> str:
    """The separator that divides the headings into most columns."""

    def columns(separator: str) -> int:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            return len(next(filter(any, reader), []))
        except csv.Error:
            return 0

    return max(",;\t", key=columns)


def _xlsx_lines(path: Path, raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with CalamineWorkbook.from_object(_unpacked(path, raw)) as book:
            shown = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
            names = [sheet.name for sheet in book.sheets_metadata if (sheet.typ, sheet.visible) == shown]
            lines = book.get_sheet_by_name(names[0]).iter_rows() if names else iter(())
    except CalamineError as error:
        raise SheetRefused(f"{path} is no .xlsx that can be read ({error}); save it again in a spreadsheet") from None
    for line, cells in enumerate(lines, 1):
        yield line, [_text(path, line, cell) for cell in cells]


def _unpacked(path: Path, raw: bytes) -> io.BytesIO:
    """The parts of a workbook, packed anew: so that what is read is what was measured, whatever the directory says."""
    parts = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed, zipfile.ZipFile(parts, "w") as stored:
            if sum(info.file_size for info in packed.infolist()) > _MOST_BYTES_UNPACKED:
                raise SheetRefused(f"{path} unpacks to more than {_MOST_BYTES_UNPACKED // _MIB} MiB; divide the sheet")
            for info in packed.infolist():
                if not info.filename.endswith((".xml", ".rels")):
                    continue  # pictures, macros, and what would make it another kind of file
                with packed.open(info) as file:
                    part = file.read(info.file_size)
                _measure(path, part)
                stored.writestr(info.filename, part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise SheetRefused(f"{path} is no .xlsx, or has a password; save it as .xlsx without one") from None
    parts.seek(0)
    return parts


def _measure(path: Path, part: bytes) -> None:
    """Refuse a part whose cells the library could not hold."""
    if b"\0" in part:
        raise SheetRefused(f"{path} is not written in UTF-8; save it again in a spreadsheet")
    rows, columns = 0, set[bytes]()
    for letters, digits, empty in _CELL.findall(part) if b"sheetData" in part else []:
        if not letters:
            raise SheetRefused(f"{path} has cells without an address; save it again in a spreadsheet")
        if not empty:
            rows = max(rows, int(digits))
            columns.add(letters)
    if rows * max(map(_number, columns), default=0) > _MOST_PLACES:
        raise SheetRefused(f"{path} has cells far below or beside the table; delete them")


def _number(letters: bytes) -> int:
    """A column's number: A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(path: Path, line: int, cell: _Cell) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return str(cell).upper()
        case dt.date() | dt.time():
            return cell.isoformat()
        case dt.timedelta():
            return str(cell)
    if not abs(cell) < _ROUNDED_FROM:  # nor is it so for what is not a number
        raise SheetRefused(
            f"{path} line {line}: Excel has rounded a number of more than 15 digits;"
            " give the column the format Text and enter it again"
        )
    return str(int(cell)) if cell == int(cell) else format(Decimal(repr(cell)), "f")


_SPLITTERS = {".csv": _csv_lines, ".xlsx": _xlsx_lines}
