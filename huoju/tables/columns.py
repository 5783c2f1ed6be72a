"""Find the columns of a table by their headings in either language, or by what alone can stand in them."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from huoju.tables.table import Cell, Row, Table, TableRefused, first_rows, letters, shortened

HEADINGS_WITHIN = 20
"""Rows that are not blank, of which one has the headings: a title and some words may stand above them."""
_SHORTEST_TAIL = 3
_SHORTEST_LETTERS = 6
_IN_BRACKETS = re.compile(r"[(（\[【<《].*?[)）\]】>》]")
_BY_SCRIPT = re.compile(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+")
_COUNTER = re.compile("[0-9]{1,18}")
_PARTS = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")

Fits = Callable[[Sequence[Cell]], bool]
"""Whether these cells, one below the other, can all be values, and none of them a heading."""


class Wanted:
    """A column that is looked for: what it holds, and the names that it has, better ones in an earlier list."""

    def __init__(self, what: str, names: Sequence[Sequence[str]]) -> None:
        self.what, self.names = what, names
        self._spelt = [frozenset(map(spelt, some)) for some in names]
        self._all = frozenset[str]().union(*self._spelt)

    def rank(self, heading: str) -> int | None:
        """How good a name of this column ``heading`` is, 0 the best; None for a name of something else."""
        name = spelt(heading)
        exactly = (rank for rank, names in enumerate(self._spelt) if name in names)
        nearly = (rank for rank, names in enumerate(self._spelt, start=len(self._spelt)) if _means(name, names))
        return next(exactly, None) if name in self._all else next(nearly, None)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a table has what was looked for."""

    table: Table
    columns: Mapping[str, int]
    """By what they hold."""
    heading: Row | None
    """None where the table begins with a value."""

    def rows(self) -> Iterator[Row]:
        """The rows below the headings."""
        start = self.heading.number if self.heading else 0
        return (row for row in self.table.read() if row.number > start)

    def told(self) -> str:
        """How it is read, for the operator."""
        named = [f"column {letters(column)}{self._title(column)}" for column in self.columns.values()]
        without = "" if self.heading else ", which has no headings: it is the only one that can be meant"
        return f"{self.table.told}, {' and '.join(named)}{without}"

    def _title(self, column: int) -> str:
        return f" “{shortened(self.heading.at(column).text)}”" if self.heading and self.heading.at(column).text else ""


def spelt(heading: str) -> str:
    """A heading in one spelling: letters and digits in lower case, without what stands in brackets, no plural."""
    plain = _IN_BRACKETS.sub("", unicodedata.normalize("NFKC", heading)).casefold()
    return "".join(part.removesuffix("s") for part in _PARTS.findall(plain))


def _means(name: str, names: frozenset[str]) -> bool:
    """A name in two languages at once, or after more Chinese words, like 活动兑换码."""
    parts = _BY_SCRIPT.findall(name)
    return (len(parts) > 1 and all(part in names for part in parts)) or any(
        name.endswith(tail) for tail in names if len(tail) >= _SHORTEST_TAIL and not tail.isascii()
    )


def find(table: Table, wanted: Sequence[Wanted], fits: Fits, chosen: Sequence[str] | None = None) -> Found:
    """The columns of ``wanted``: those that were ``chosen`` by heading or letter, or that their headings name.

    Without headings, a single wanted column is the only one whose values all ``fits``. Raises TableRefused when they
    are not found or could be several, with the first rows, so that a person can choose where ``chosen`` is not None.
    """
    try:
        return _found(table, table.head(), wanted, fits, chosen or ())
    except _Unclear as unclear:
        remedy = ", or choose with --column and its letter" if chosen is not None else ""
        raise TableRefused(f"{table.path} {unclear}{remedy}:\n{first_rows(table.head())}") from None


class _Unclear(Exception):
    """Which column is meant cannot be told; the text says why."""


def _found(table: Table, rows: list[Row], wanted: Sequence[Wanted], fits: Fits, chosen: Sequence[str]) -> Found:
    if chosen:
        return _chosen(table, rows, wanted, fits, chosen)
    heading = _heading(rows, wanted)
    if heading is None:
        return _without_headings(table, rows, wanted, fits)
    columns: dict[str, int] = {}
    for one in wanted:
        ranks = {column: one.rank(cell.text) for column, cell in enumerate(heading.cells)}
        ranked = [rank for rank in ranks.values() if rank is not None]
        if not ranked:
            raise _Unclear(f"has no column for the {one.what}; head it {_alternatives(one)}")
        best = [column for column, rank in ranks.items() if rank == min(ranked)]
        if len(best) > 1:
            raise _Unclear(f"has several columns that can be the {one.what}")
        columns[one.what] = best[0]
    return _refuse_values_above(table, rows, wanted, Found(table, columns, heading), fits)


def _heading(rows: Sequence[Row], wanted: Sequence[Wanted]) -> Row | None:
    """The last of the first rows that names most of what is wanted: a title above it may name something, too."""
    named = [(_named(row, wanted), row) for row in rows[:HEADINGS_WITHIN]]
    most = max(count for count, _ in named)
    return [row for count, row in named if count == most][-1] if most else None


def _named(row: Row, wanted: Sequence[Wanted]) -> int:
    """How many of the wanted columns ``row`` has a name of."""
    return sum(any(one.rank(cell.text) is not None for cell in row.cells) for one in wanted)


def _refuse_values_above(
    table: Table, rows: Sequence[Row], wanted: Sequence[Wanted], found: Found, fits: Fits
) -> Found:
    """Return ``found`` where no row above its headings holds values: below other headings, any row that is filled."""
    number = found.heading.number if found.heading else 0
    could_be = fits
    for row in (row for row in rows if row.number < number):
        cells = [row.at(column) for column in found.columns.values()]
        if _named(row, wanted):
            could_be = filled
        elif all(could_be([cell]) for cell in cells):
            raise TableRefused(
                f"{table.path} row {row.number}: a value stands above the headings of row {number};"
                " divide what was joined, or delete the second headings"
            )
    return found


def _without_headings(table: Table, rows: list[Row], wanted: Sequence[Wanted], fits: Fits) -> Found:
    if len(wanted) > 1:
        names = "; ".join(_alternatives(one) for one in wanted)
        raise _Unclear(f"has no headings that are known here; it needs columns headed {names}")
    columns = range(max(row.width for row in rows))
    able = [column for column in columns if _are_values(rows, column, fits)]
    if len(able) != 1 or any(_are_letters(rows, column) for column in columns):
        (one,) = wanted
        raise _Unclear(f"does not say which column has the {one.what}; head it {_alternatives(one)}")
    return Found(table, {wanted[0].what: able[0]}, None)


def _are_values(rows: Sequence[Row], column: int, fits: Fits) -> bool:
    """Every one can be a value, none is like another, and they do not merely count."""
    cells = [row.at(column) for row in rows]
    return fits(cells) and len(set(cells)) == len(cells) and not counts_up([cell.text for cell in cells])


def _are_letters(rows: list[Row], column: int) -> bool:
    """Whether they are so many letters each, in groups or not, none like another: values or words, nobody can tell."""
    texts = ["".join(filter(str.isalnum, row.at(column).text)) for row in rows]
    alone = all(len(text) >= _SHORTEST_LETTERS and text.isascii() and text.isalpha() for text in texts)
    return alone and len(set(texts)) == len(texts) and len(set(map(len, texts))) == 1


def filled(cells: Sequence[Cell]) -> bool:
    """Whether none of ``cells`` is blank: all that is asked of rows that headings tell apart."""
    return all(cell.text for cell in cells)


def counts_up(texts: Sequence[str]) -> bool:
    """Whether they are numbers of which each is one more than the last."""
    if len(texts) <= 1 or not all(_COUNTER.fullmatch(text) for text in texts):
        return False
    return all(int(after) == int(before) + 1 for before, after in pairwise(texts))


def _chosen(table: Table, rows: list[Row], wanted: Sequence[Wanted], fits: Fits, chosen: Sequence[str]) -> Found:
    if len(chosen) != len(wanted):
        raise TableRefused(f"choose {len(wanted)} columns, for {' and '.join(one.what for one in wanted)}")
    by_letter = {letters(column): column for column in range(max(row.width for row in rows))}
    columns: dict[str, int] = {}
    heading: Row | None = None
    for one, name in zip(wanted, chosen, strict=True):
        titled = [
            (row, column)
            for row in rows[:HEADINGS_WITHIN]
            for column, cell in enumerate(row.cells)
            if spelt(cell.text) == spelt(name) and (row is rows[0] or name.upper() not in by_letter)
        ]
        if titled:
            heading, columns[one.what] = titled[-1]
        elif name.upper() in by_letter:
            columns[one.what] = by_letter[name.upper()]
        else:
            raise _Unclear(f"has no column {name!r}")
    heading = heading or _heading(rows, wanted) or _first_row(table, rows, columns, fits)
    return _refuse_values_above(table, rows, wanted, Found(table, columns, heading), fits)


def _first_row(table: Table, rows: Sequence[Row], columns: Mapping[str, int], fits: Fits) -> Row | None:
    """The first row as one of headings, None where it is like the rest. Raises TableRefused where nobody can tell."""
    first = rows[0]
    if len(columns) > 1:
        raise _Unclear("has no headings that are known here; write a row of them above the values")
    for column in columns.values():
        cells = [row.at(column) for row in rows]
        if not fits(cells[:1]):
            return first
        if not fits(cells):
            raise TableRefused(
                f"{table.path} row {first.number}: “{shortened(cells[0].text)}” can be a heading or a value that is not"
                " like the others; write a row of headings above it, or mend it"
            )
    return None


def _alternatives(wanted: Wanted) -> str:
    names = wanted.names[0]
    english = next(name for name in names if name.isascii())
    chinese = next(name for name in names if "\u3400" <= name[0] <= "\u9fff")
    return f"“{english}” or “{chinese}”"
