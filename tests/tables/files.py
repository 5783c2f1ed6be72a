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


def workbook(
    *rows: Sequence[object], hidden: Sequence[int] = (), hidden_rows: Sequence[int] = (), more: Sequence[str] = ()
) -> bytes:
    """An .xlsx as somebody's spreadsheet saves it: numbers are numbers and dates are dates.

    ``hidden`` columns and ``hidden_rows`` are not shown; each of ``more`` is a further worksheet with one code.
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
        for line in hidden_rows:
            sheet.set_row(line, None, None, {"hidden": True})
        for name in more:
            other = book.add_worksheet(name)
            other.write_row(0, 0, ["code"])
            other.write_row(1, 0, ["ZZZZ2345ZZZZ"])
    return packed.getvalue()


_OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMES = {
    "office": f"{_OFFICE}office:1.0",
    "table": f"{_OFFICE}table:1.0",
    "text": f"{_OFFICE}text:1.0",
    "style": f"{_OFFICE}style:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def ods_cell(text: str, kind: str = "string", **more: str) -> str:
    """A cell as LibreOffice writes it; ``more`` are attributes, __ for the colon and _ for a hyphen."""
    attributes = {"office:value-type": kind} | {
        name.replace("__", ":").replace("_", "-"): value for name, value in more.items()
    }
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<table:table-cell{told}><text:p>{text}</text:p></table:table-cell>"


def ods(*rows: str, hidden: Sequence[int] = ()) -> bytes:
    """An .ods of these rows of cells; a blank one stands for three. It has a hidden sheet and a million blank rows."""
    lines = [
        f"<table:table-row{' table:visibility=' + chr(34) + 'filter' + chr(34) if number in hidden else ''}>{row}"
        "</table:table-row>"
        if row
        else '<table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>'
        for number, row in enumerate(rows)
    ]
    cells = '<table:table-cell table:number-columns-repeated="16384"/>'
    rest = f'<table:table-row table:number-rows-repeated="1048000">{cells}'
    other = f'<table:table table:name="x" table:style-name="h"><table:table-row>{ods_cell("code")}</table:table-row>'
    style = '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/>'
    content = (
        f"<office:document-content{''.join(f' xmlns:{name}={chr(34)}{uri}{chr(34)}' for name, uri in _NAMES.items())}>"
        f"<office:automatic-styles>{style}</style:style></office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="Sheet1">{"".join(lines)}{rest}</table:table-row></table:table>{other}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    return packed(("mimetype", ODS_TYPE), ("content.xml", content), ("META-INF/manifest.xml", "<manifest/>"))


def packed(*parts: tuple[str, str]) -> bytes:
    """A ZIP archive of these parts, each (name, content)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


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
