"""Files as people bring them: made by hand, byte by byte, as their programs write them."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Self

import xlsxwriter

from huoju.tables.table import TableRefused

DAY = datetime(2026, 5, 6)  # noqa: DTZ001  # a spreadsheet knows no zones
SHEET = "xl/worksheets/sheet1.xml"


def delimited(rows: Sequence[Sequence[str]], separator: str = ",", *, quoted: bool = False, end: str = "\r\n") -> str:
    """Rows as a spreadsheet writes them as text."""
    out = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=separator, quoting=quoting, lineterminator=end).writerows(rows)
    return out.getvalue()


class Formula(str):
    """A formula, and what it came out as."""

    __slots__ = ("value",)
    value: object

    def __new__(cls, formula: str, value: object) -> Self:
        made = super().__new__(cls, formula)
        made.value = value
        return made


def workbook(*rows: Sequence[object], hidden: Sequence[int] = (), more: Sequence[str] = ()) -> bytes:
    """An .xlsx as somebody's spreadsheet saves it: numbers are numbers and dates are dates.

    ``hidden`` columns are not shown; each of ``more`` is a further worksheet with one code.
    """
    packed = io.BytesIO()
    options = {"default_date_format": "yyyy-mm-dd hh:mm:ss", "strings_to_formulas": False}
    with xlsxwriter.Workbook(packed, options) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, Formula):
                    sheet.write_formula(line, column, str(cell), None, cell.value)
                elif cell != "":
                    sheet.write(line, column, cell)
        for column in hidden:
            sheet.set_column(column, column, None, None, {"hidden": True})
        for name in more:
            other = book.add_worksheet(name)
            other.write_row(0, 0, ["code"])
            other.write_row(1, 0, ["ZZZZ2345ZZZZ"])
    return packed.getvalue()


def refusal(read: Callable[[], object]) -> str:
    """Why ``read`` refused the table; "" when it did not."""
    try:
        read()
    except TableRefused as error:
        return str(error)
    return ""


def repacked(raw: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook in which ``old`` stands as ``new`` in one part."""
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return out.getvalue()
