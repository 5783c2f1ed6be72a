"""Tables as text, however a program saved them: its encoding, its separator, its quotes."""

import codecs
import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from core.sheets import without_apostrophes
from huoju.tables.table import HEAD, Cell, Row, Table, TableRefused

_BLOCK = 2**20
_JUDGED_LETTERS = 64 * 1024
_LONGEST_LINE = 1_000_000
_EURO = 0x80
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ZEROS_ONE_IN = 20
"""Of so many bytes one is a zero at the least, even where most of a table is Chinese."""
_OLDER = ("gb18030", "cp936", "big5", "cp1252")
"""Tried in this order: what Excel writes in China, the same with a euro, in Taiwan, and in western Europe."""
_CODECS = {"cp936": ("gb18030", "euro")}
"""How an encoding is read that Python has not: codec, and what is done about other bytes."""
_CALLED = {
    "utf-8-sig": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "gb18030": "GB 18030 (GBK)",
    "cp936": "GBK with the euro of Windows",
    "cp1252": "Windows-1252",
}
_SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "bars", ",": "commas"}
"""Where two would do, the first is meant: a comma stands in numbers and sentences."""
_NAMED = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_FORMULA_OF_TEXT = re.compile(r'="([^"]*)"\s*')


def text_table(path: Path, knows: Callable[[Row], bool]) -> Table:
    """The table in a text file. ``knows`` recognises headings, which tells one older encoding from another.

    Raises TableRefused when it is no text.
    """
    encodings, lines = _possible_encodings(path)
    tables = [_table(path, encoding, lines) for encoding in encodings]
    return next((table for table in tables if any(map(knows, islice(table.read(), HEAD)))), tables[0])


def _as_euro(error: UnicodeError) -> tuple[str, int]:
    """The byte 0x80, which Windows writes for the euro in its GBK and no standard knows (code page 936)."""
    if isinstance(error, UnicodeDecodeError) and error.object[error.start] == _EURO:
        return "€", error.start + 1
    raise error


codecs.register_error("euro", _as_euro)


def _opened(path: Path, encoding: str) -> io.TextIOWrapper:
    codec, errors = _CODECS.get(encoding, (encoding, "strict"))
    return path.open(encoding=codec, errors=errors, newline="")


def _table(path: Path, encoding: str, lines: int) -> Table:
    separator, skipped = _separator(path, encoding)
    called = _CALLED.get(encoding, encoding.upper())
    told = f"{called}, separated by {_SEPARATORS[separator]}" if separator else called
    return Table(path, told, lines, lambda: _rows(path, encoding, separator or ",", skipped))


def _rows(path: Path, encoding: str, separator: str, skipped: int) -> Iterator[Row]:
    number = 0
    with _opened(path, encoding) as file:
        reader = csv.reader(_checked(path, file), delimiter=separator, strict=True)
        try:
            for number, cells in enumerate(reader, start=1):
                row = Row(number, tuple(Cell(clean(_uncalculated(cell))) for cell in cells))
                if number > skipped and row.width:
                    yield row
        except csv.Error as error:
            raise TableRefused(f"{path} row {number + 1}: {error}; open and save it in a spreadsheet") from None


def _checked(path: Path, file: io.TextIOWrapper) -> Iterator[str]:
    while line := file.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise TableRefused(f"{path} has a line of more than {_LONGEST_LINE} letters; it is no table")
        yield line


def clean(text: str) -> str:
    """The value of a cell: without what nobody sees at its ends, and our own apostrophes."""
    return text if text.isascii() and text.isalnum() else _trimmed(without_apostrophes(text.strip()))


def _uncalculated(text: str) -> str:
    """The text inside ="…", by which exports for Excel keep zeros in front."""
    match = _FORMULA_OF_TEXT.fullmatch(text) if text.startswith("=") else None
    return match[1] if match else text


def _trimmed(text: str) -> str:
    """Not only white space: pasted text carries marks of direction and width."""
    text = text.strip()
    if text.isascii() and text.isprintable():
        return text
    start, end = 0, len(text)
    while start < end and _is_unseen(text[start]):
        start += 1
    while end > start and _is_unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_unseen(letter: str) -> bool:
    return letter.isspace() or (not letter.isprintable() and unicodedata.category(letter) in {"Cf", "Cc"})


def _possible_encodings(path: Path) -> tuple[list[str], int]:
    """The encodings that the whole file can be read in, the likeliest first, and how many line ends it has."""
    with path.open("rb") as file:
        start = file.read(_JUDGED_LETTERS)
        file.seek(0)
        marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), None)
        fitting = [marked] if marked else _unmarked(start)
        decoders = {encoding: _decoder(encoding) for encoding in fitting}
        lines = 0
        while decoders:
            block = file.read(_BLOCK)
            lines += block.count(b"\n") or block.count(b"\r")
            decoders = {encoding: one for encoding, one in decoders.items() if _reads(one, block)}
            if not block:
                break
    if not decoders:
        raise TableRefused(f"{path} is no text that can be read here; save it as CSV UTF-8, or as .xlsx")
    found = list(decoders)
    return (found[:1] if found[0] == "utf-8" else found), lines


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    codec, errors = _CODECS.get(encoding, (encoding, "strict"))
    return codecs.getincrementaldecoder(codec)(errors)


def _unmarked(start: bytes) -> list[str]:
    """UTF-16 shows itself by a zero in each of its Latin letters, which no other text has."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if not even and not odd:
        return ["utf-8", *_OLDER]
    enough = len(start) // _ZEROS_ONE_IN
    return ["utf-16-le"] if odd > enough and not even else ["utf-16-be"] if even > enough and not odd else []


def _reads(decoder: codecs.IncrementalDecoder, block: bytes) -> bool:
    try:
        text = decoder.decode(block, final=not block)
        while not block and decoder.getstate()[0]:  # it stops behind a byte that was replaced, even at the end
            text += decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _separator(path: Path, encoding: str) -> tuple[str, int]:
    """What divides most of the first rows into the same number of columns, "" for nothing, and rows to leave out."""
    with _opened(path, encoding) as file:
        text = file.read(_JUDGED_LETTERS)
    if named := _NAMED.match(text):
        return named[1], 1
    agreement = {separator: _agreement(text, separator) for separator in _SEPARATORS}
    best = max(agreement, key=lambda separator: agreement[separator])  # the first of those that are alike
    return (best if agreement[best] > (0, 0) else ""), 0


def _agreement(text: str, separator: str) -> tuple[float, int]:
    """(share of the rows with the most usual number of columns, that number), nothing where it is one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    widths: Counter[int] = Counter()
    try:
        widths.update(len(cells) for cells in islice(reader, HEAD) if any(cells))
    except csv.Error:
        if widths.total() < HEAD // 2:
            return 0, 0
    if not widths:
        return 0, 0
    columns, count = widths.most_common(1)[0]
    return (0, 0) if columns == 1 else (count / widths.total(), columns)
