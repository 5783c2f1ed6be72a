"""Sheets of text as they are written: tables in .csv or .xlsx for people who work in a spreadsheet."""

import codecs
import contextlib
import csv
import io
import os
import re
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from core.operators import VerbRefused

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW

_TEXT = 49  # the format "@" among those built into Excel: ECMA-376 part 1, 18.8.30

_CONTROL = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# What neither UTF-8 nor XML 1.0 (2.2, Characters) can carry.
_UNWRITABLE = re.compile("[\ud800-\udfff\ufffe\uffff]")

# A spreadsheet calculates a cell that begins with one of = + - @, also in its East Asian widths.
# OWASP, CSV Injection: owasp.org/www-community/attacks/CSV_Injection
_DANGER = r"=+\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋" + "\u2212"
# What may stand before it unseen: white space, quotes, and what Unicode lets be ignored (Default_Ignorable_Code_Point).
_UNSEEN = (
    r"\s\"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# The same page: a separator inside a field may begin a cell. Where lists are separated by semicolons a field in quotes
# that is not the first of its line is cut at them. An apostrophe that stands there already needs another one, or it
# would be taken for ours when the sheet comes back.
_RISK = re.compile(rf"(^|;)(?='*[{_UNSEEN}]*[{_DANGER}])")
_TAKEN_FOR_OURS = re.compile(rf"(^|;)(?='+[{_UNSEEN}]*[{_DANGER}])")
_OURS = re.compile(rf"(^|;)'(?='*[{_UNSEEN}]*[{_DANGER}])")


class SheetRefused(VerbRefused):
    """The sheet cannot be written; the message says where, why and what to do."""


def write_sheet(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a new .csv or .xlsx, whole and safe on disk or not at all, and return how many ``rows`` there were.

    Only its owner may read it. Every cell is text on one line: nothing in it is ever a formula, a number or a link.
    Raises SheetRefused: a suffix that is neither, a path or its ``.part`` that exists, more rows than a sheet holds, a
    disk that fails. Raises ValueError when a row is not as long as ``headings``.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise SheetRefused("{path} is neither .csv nor .xlsx; give it one of these endings", path=str(path))
    try:
        with _new_file(path) as file:
            return write(file, path, headings, rows)
    except OSError as error:
        _let_go(error)
        why = getattr(error, "strerror", None) or str(error)
        raise SheetRefused("{path} cannot be written: {why}", path=str(path), why=why) from None


def _let_go(error: BaseException | None) -> None:
    """Drop what the library left open where ``error`` arose; the garbage collector would complain of it much later."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__


def without_apostrophes(text: str) -> str:
    """``text`` as it was before this module put apostrophes before what a spreadsheet would calculate."""
    return _OURS.sub(r"\1", text)


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file beside ``path`` that takes its name, in one step and over nobody's, when the block has ended well."""
    if os.path.lexists(path):
        raise SheetRefused("{path} exists; choose another name, files are never written over", path=str(path))
    part = path.with_name(path.name + ".part")
    try:
        handle = os.open(part, _NEW, 0o600)
    except FileExistsError:
        raise SheetRefused("{path} exists: another one is being written, or remove it", path=str(part)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _place(part, path)
    finally:
        part.unlink(missing_ok=True)


def _place(part: Path, path: Path) -> None:
    """Give ``part`` the name ``path``, durably. Raises SheetRefused when somebody has taken it meanwhile."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise SheetRefused("{path} has appeared meanwhile; choose another name", path=str(path)) from None
    except OSError:  # not every disk has hard links; of our own writers the .part lets in one
        if os.path.lexists(path):
            raise SheetRefused("{path} has appeared meanwhile; choose another name", path=str(path)) from None
        part.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _one_line(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", _CONTROL.sub(" ", text)).strip()


def _write_csv(file: BinaryIO, _path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write UTF-8 with its mark, without which Excel in China reads GB 18030."""
    writer = csv.writer(codecs.getwriter("utf-8-sig")(file), quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    count = -1
    for row in _as_wide(headings, rows):
        writer.writerow([_RISK.sub(r"\1'", _one_line(cell)) for cell in row])
        count += 1
    return count


def _as_wide(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
    yield headings
    for row in rows:
        if len(row) != len(headings):
            raise ValueError(f"a row has {len(row)} cells for {len(headings)} headings")
        yield row


def _write_xlsx(file: BinaryIO, path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write one worksheet. Its parts lie in a folder of ours meanwhile, for they hold what the sheet holds."""
    import xlsxwriter  # noqa: PLC0415  # a large library that nothing else needs
    from xlsxwriter.exceptions import XlsxWriterException  # noqa: PLC0415  # the same

    packed = io.BytesIO()
    try:
        with (
            TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder,
            xlsxwriter.Workbook(packed, {"constant_memory": True, "in_memory": False, "tmpdir": folder}) as book,
        ):
            line = _fill(book, path, headings, rows)
    except XlsxWriterException as error:
        raise OSError(str(error)) from error
    file.write(packed.getbuffer())
    return line


def _fill(book: Any, path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    sheet = book.add_worksheet()
    text = book.add_format({"num_format": _TEXT})
    bold = book.add_format({"num_format": _TEXT, "bold": True})
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, _width(heading), text)
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    line = 0
    for line, row in enumerate(_as_wide(headings, rows)):
        for column, cell in enumerate(row):
            value = _TAKEN_FOR_OURS.sub(r"\1'", _one_line(cell))
            # -2 says that the text was cut at 32,767 UTF-16 units, the most that Excel holds in a cell.
            if sheet.write_string(line, column, value, text if line else bold) == -1:
                told = "{path} would have more lines or columns than Excel reads; write .csv"
                raise SheetRefused(told, path=str(path))
    return line


def _width(heading: str) -> int:
    """A column's width in characters, of which Chinese ones take two."""
    shown = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in heading)
    return min(max(shown + 4, 16), 48)


_WRITERS: dict[str, Callable[[BinaryIO, Path, Sequence[str], Iterable[Sequence[str]]], int]] = {
    ".csv": _write_csv,
    ".xlsx": _write_xlsx,
}
