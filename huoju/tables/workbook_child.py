"""A program of its own that reads one workbook from its standard input and writes rows: what it may take is limited.

A workbook is a compressed heap of XML that a stranger wrote: the smallest can unpack to more than a machine has, and
the library that reads it ends the process when memory is short. So that process is this one. It writes JSON, one value
a line: the names of the worksheets that are shown and not blank, then [number, cells, hidden] for each row of one of
them, and as the last line true, or why it stops, as a string, or {"is": what it is instead of a workbook, and what to
do}. A cell is its text, or [kind, text]. It imports nothing of ours.
"""

import datetime as dt
import json
import posixpath
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO
from xml.etree import ElementTree as ET

_MIB = 2**20
MEMORY_BYTES = 1536 * _MIB
CPU_S = 90
_MOST_UNPACKED = 1024 * _MIB
_MOST_ROWS = 2**20
# Excel keeps 15 digits of a number: support.microsoft.com, "Excel specifications and limits"
_ROUNDED_FROM = 10**15

_OTHERS = (
    # a part of the package     what it is, and what to do
    ("xl/workbook.bin",         "is a binary workbook (.xlsb); save it as .xlsx or as CSV UTF-8"),
    ("Document.iwa",            "is of Apple Numbers, or the like; export it as .xlsx or CSV (File > Export To)"),
    ("index.apxl",              "is of Apple Numbers, or the like; export it as .xlsx or CSV (File > Export To)"),
    ("Index.zip",               "is of Apple Numbers, or the like; export it as .xlsx or CSV (File > Export To)"),
    ("word/document.xml",       "is a Word document; copy its table into a spreadsheet and save that as .xlsx"),
    ("ppt/presentation.xml",    "are slides; copy the table into a spreadsheet and save that as .xlsx"),
    ("content.xml",             "is an OpenDocument file, but no spreadsheet; copy its table into one"),
)  # fmt: skip
_XLSX, _ODS, _ODS_TYPE = "xl/workbook.xml", "content.xml", b"application/vnd.oasis.opendocument.spreadsheet"
_ERROR = re.compile(r"#(?:N/A|VALUE!|REF!|NAME\?|DIV/0!|NUM!|NULL!)|Err:\d{3}")

_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
_Cell = str | list[str]


def main(wanted: str | None) -> None:
    """Write the rows of the worksheet ``wanted``, or of the only one that is shown and not blank."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    try:
        for value in _read(sys.stdin.buffer, wanted):
            sys.stdout.write(json.dumps(value, ensure_ascii=True) + "\n")
    except MemoryError:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  # whatever a stranger's file brings about in two libraries
        sys.stdout.write(json.dumps(f"it cannot be read as .xlsx or .ods ({type(error).__name__})") + "\n")


def _read(file: BinaryIO, wanted: str | None) -> Iterator[object]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415  # after the limits

    with zipfile.ZipFile(file) as packed:
        if sum(part.file_size for part in packed.infolist()) > _MOST_UNPACKED:
            yield f"it unpacks to more than {_MOST_UNPACKED // _MIB} MiB"
            return
        if (other := _other(packed)) is not None:
            yield {"is": other}
            return
        parts = _parts_of_sheets(packed) if _XLSX in packed.namelist() else None
    file.seek(0)
    with CalamineWorkbook.from_filelike(file) as book:
        shown = (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
        names = [sheet.name for sheet in book.sheets_metadata if (sheet.typ, sheet.visible) == shown]
        filled = [name for name in names if book.get_sheet_by_name(name).height] if len(names) > 1 else names
        yield filled
        name = wanted if wanted in names else filled[0] if len(filled) == 1 and wanted is None else None
        if name is None:
            return
        errors, hidden = _errors(file, parts[name]) if parts is not None else _errors_in_ods(file, name)
        for number, values in enumerate(book.get_sheet_by_name(name).iter_rows(), start=1):
            cells = [_cell(value) for value in values]
            for column, text in errors.pop(number, []):
                cells += [""] * (column + 1 - len(cells))
                cells[column] = ["error", text]
            if any(cells):
                yield [number, cells, number in hidden]
    yield from ([number, _alone(there), number in hidden] for number, there in errors.items())
    yield True


def _other(packed: zipfile.ZipFile) -> str | None:
    """What the package is when it is no workbook that is read here, and what to do; None for .xlsx and .ods."""
    names = packed.namelist()
    if _XLSX in names:
        return None
    if _ODS in names and ("mimetype" not in names or packed.read("mimetype").startswith(_ODS_TYPE)):
        manifest = "META-INF/manifest.xml"
        locked = manifest in names and b"encryption-data" in packed.read(manifest)
        return "has a password; save it without one" if locked else None
    known = (says for part, says in _OTHERS if part in names or any(name.endswith("/" + part) for name in names))
    return next(known, "is a packed folder and no workbook; unpack it first")


def _cell(value: _Value) -> _Cell:
    match value:
        case str():
            return value.strip()
        case bool():
            return ["truth", str(value).upper()]
        case dt.date() | dt.time():
            return ["date", value.isoformat()]
        case dt.timedelta():
            return ["date", str(value)]
    if not abs(value) < _ROUNDED_FROM:
        return ["number", f"{value:.15G}"]
    return ["number", str(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")]


def _parts_of_sheets(packed: zipfile.ZipFile) -> dict[str, str]:
    """The part of the package that holds each worksheet, by its name (ECMA-376 part 1, 12.3.23)."""
    relations = ET.fromstring(packed.read("xl/_rels/workbook.xml.rels"))  # noqa: S314  # an attack ends this process
    target = {one.get("Id"): one.get("Target", "") for one in relations}
    found = {}
    for sheet in ET.fromstring(packed.read("xl/workbook.xml")).iter():  # noqa: S314  # the same
        if _local(sheet.tag) == "sheet":
            path = target.get(next((value for key, value in sheet.items() if key.endswith("}id")), None), "")
            found[sheet.get("name", "")] = posixpath.normpath(posixpath.join("/xl", path)).lstrip("/")
    return found


_Errors = dict[int, list[tuple[int, str]]]
"""(column, text) of the cells that hold an error, by row: the library takes them for blank ones."""


def _errors(file: BinaryIO, part: str) -> tuple[_Errors, set[int]]:
    """The errors in a worksheet of .xlsx, and its rows that are hidden."""
    found: _Errors = {}
    hidden: set[int] = set()
    number = 0
    file.seek(0)
    with zipfile.ZipFile(file) as packed, packed.open(part) as xml:
        for event, element in ET.iterparse(xml, ("start", "end")):  # noqa: S314  # the same
            local = _local(element.tag)
            if local == "row":
                if event == "start":
                    number = int(element.get("r", number + 1))
                    if element.get("hidden") in {"1", "true"}:
                        hidden.add(number)
                element.clear()
            elif event == "end" and local == "c" and element.get("t") == "e":
                text = next((one.text or "" for one in element if _local(one.tag) == "v"), "")
                found.setdefault(number, []).append((_column(element.get("r", "")), text))
    return found, hidden


def _errors_in_ods(file: BinaryIO, sheet: str) -> tuple[_Errors, set[int]]:
    """The same of .ods, in which rows and cells may stand for several (OpenDocument 1.3 part 3, 9.1 and 19.675)."""
    found: _Errors = {}
    hidden: set[int] = set()
    here, number, column, many, text = False, 0, 0, 1, ""
    file.seek(0)
    with zipfile.ZipFile(file) as packed, packed.open(_ODS) as xml:
        for event, element in ET.iterparse(xml, ("start", "end")):  # noqa: S314  # the same
            local, told = _local(element.tag), {_local(key): value for key, value in element.items()}
            if local == "table" and event == "start":
                here, number, many = told.get("name") == sheet, 0, 1
            elif here and local == "table-row" and event == "start":
                number, column, many = number + many, 0, int(told.get("number-rows-repeated", 1))
                if told.get("visibility") in {"collapse", "filter"}:
                    hidden.update(range(number, number + min(many, _MOST_ROWS)))
            elif here and local in {"table-cell", "covered-table-cell"} and event == "end":
                text = "".join(element.itertext()).strip()
                if told.get("value-type") == "error" or ("formula" in told and _ERROR.fullmatch(text)):
                    found.setdefault(number, []).append((column, text))
                column += int(told.get("number-columns-repeated", 1))
            if event == "end" and local in {"table-row", "table"}:
                element.clear()
    return found, hidden


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _column(address: str) -> int:
    column = 0
    for letter in address.rstrip("0123456789"):
        column = column * 26 + ord(letter) - ord("A") + 1
    return max(column - 1, 0)


def _alone(errors: list[tuple[int, str]]) -> list[_Cell]:
    """The cells of a row that the library left out, for it holds nothing but errors at the end of its sheet."""
    cells: list[_Cell] = [""] * (max(column for column, _ in errors) + 1)
    for column, text in errors:
        cells[column] = ["error", text]
    return cells


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
