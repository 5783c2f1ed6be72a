"""A table that somebody brought: its rows, each cell with the type that the file gives it."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import NamedTuple

HEAD = 50
"""Rows by which a table is judged before it is read."""
_SHOWN_ROWS, _SHOWN_COLUMNS, _SHOWN_LETTERS = 4, 8, 18


class TableRefused(Exception):
    """The table cannot be read as what it should be; the message says where, why and what to do."""


class Kind(StrEnum):
    """What a cell is in its file. A text file has only text."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    TRUTH = "truth"
    ERROR = "error"


class Cell(NamedTuple):
    """A cell: its text without white space around it, or how a spreadsheet shows a value of another type."""

    text: str
    kind: Kind = Kind.TEXT


_EMPTY = Cell("")


class Row(NamedTuple):
    """A row that is not blank, with its number as a spreadsheet counts."""

    number: int
    cells: tuple[Cell, ...]
    hidden: bool = False
    """Whether its spreadsheet does not show it."""

    def at(self, column: int) -> Cell:
        """The cell in a column, counted from 0; an empty one beyond the end."""
        return self.cells[column] if column < len(self.cells) else _EMPTY

    @property
    def width(self) -> int:
        """How many columns there are up to the last that is not empty."""
        if self.cells and self.cells[-1].text:
            return len(self.cells)
        return max((column for column, cell in enumerate(self.cells, start=1) if cell.text), default=0)


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was recognised. ``read`` begins with the first row each time it is called."""

    path: Path
    told: str
    """How it is read, for the operator: encoding and separator, or the worksheet."""
    rows_about: int | None
    """About how many rows there are, where that is known."""
    read: Callable[[], Iterator[Row]]

    def head(self) -> list[Row]:
        """The first rows. Raises TableRefused when there is none."""
        rows = list(islice(self.read(), HEAD))
        if not rows:
            raise TableRefused(f"{self.path} is empty")
        return rows


def letters(column: int) -> str:
    """A column's name as spreadsheets write it: A is 0, Z is 25, AA is 26."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def place(row: int, column: int) -> str:
    """Where a cell stands."""
    return f"row {row}, column {letters(column)}"


def shortened(text: str) -> str:
    """``text`` for a terminal: what cannot be seen is replaced, and a long one is cut."""
    seen = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    return seen if len(seen) <= _SHOWN_LETTERS else f"{seen[: _SHOWN_LETTERS - 1]}…"


def first_rows(rows: list[Row]) -> str:
    """The first rows as a small table, so that a person can say which column it is."""
    shown = rows[:_SHOWN_ROWS]
    columns = range(min(max(row.width for row in shown), _SHOWN_COLUMNS))
    lines = [["row", *map(letters, columns)]]
    lines += [[str(row.number), *(shortened(row.at(column).text) for column in columns)] for row in shown]
    widths = [max(map(_wide, cells)) for cells in zip(*lines, strict=True)]
    padded = (
        "  ".join(cell + " " * (width - _wide(cell)) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )
    return "\n".join(f"  {line}".rstrip() for line in padded)


def _wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
