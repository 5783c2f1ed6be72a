"""The values of a table: each read whole or refused with its row, and one that is refused refuses the table."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from handlers.claims.handover import CARD_JOINT
from huoju.tables.columns import Found
from huoju.tables.damage import Digits
from huoju.tables.table import Cell, Kind, Row, TableRefused, letters, shortened

_MOST_COMPLAINTS = 10
_TOTAL = re.compile(
    r"(?:合计|总计|小计|总数|共计|总共|共|备注|说明|注|制表人?|以上)(?:[\W\d条张个行].*)?|notes?\s*:.*|[-=_]{3,}.*"
    r"|(?:grand |sub-?)?(?:total|sum|count)(?: (?:number )?(?:of )?\w+)?\s*[:=]?[\d\s.,]*(?:codes|vouchers|cards)?",
    re.IGNORECASE | re.DOTALL,
)


class Unreadable(ValueError):
    """A cell holds no such value; the text says what it is instead, and what to do."""


class Value(NamedTuple):
    """What a row gives: the value, what it is told apart by, and what was printed around it."""

    text: str
    """As it is kept."""
    alone: str
    around: tuple[str, str] = ("", "")
    folded: bool = False
    """Whether look-alikes change it: O is kept as 0, I and L as 1."""

    def shown(self) -> str:
        """As it is kept, for a terminal."""
        return " and ".join(self.text.split(CARD_JOINT))


Reader = Callable[[Sequence[Cell]], Value]


class Values:
    """The values of a table, which may be iterated over again and again: (row, value) of each.

    Iterating raises TableRefused when any is refused, naming up to ten, so keep nothing before it has ended.
    """

    def __init__(self, found: Found, read: Reader, *, as_is: bool, distinct: bool) -> None:
        self._found, self._read, self._as_is, self._distinct = found, read, as_is, distinct
        self._columns = list(found.columns.values())
        self._width = found.heading.width if found.heading else max(row.width for row in found.table.head())
        self._headings = [found.heading.at(column).text for column in self._columns] if found.heading else []
        self.rows_about = found.table.rows_about
        self.left_out: list[int] = []
        """Rows that hold a total or a note, known when they have been iterated over."""
        self.folded: list[str] = []
        """How values were read that look-alikes change, the first few of them."""

    @property
    def told(self) -> str:
        """Where the values stand and how the first one is read, for a person to compare with what was printed."""
        first = next((row for row in self._found.rows() if not is_total(row)), None)
        if first is None:
            raise TableRefused(
                f"{self._found.table.path} has no {' and '.join(self._found.columns)} below its headings"
            )
        try:
            read = f"is read as {self._checked(first).shown()}"
        except Unreadable as error:
            read = str(error)
        is_number = any(first.at(column).kind is Kind.NUMBER for column in self._columns)
        zeros = " (a number: zeros in front of it, if there were any, are gone)" if is_number else ""
        return f"{self._found.told()}; {self._at(first)} {read}{zeros}"

    def __iter__(self) -> Iterator[tuple[int, str]]:
        self.left_out, self.folded = [], []
        watch, violations = _Watch(distinct=self._distinct), list[str]()
        for row in self._found.rows():
            if is_total(row):
                self.left_out.append(row.number)
                continue
            try:
                value = self._checked(row)
                watch.see(row.number, value)
            except Unreadable as error:
                violations.append(f"{self._at(row)} {error}")
                if len(violations) == _MOST_COMPLAINTS:
                    break
                continue
            if value.folded and len(self.folded) < _MOST_COMPLAINTS:
                self.folded.append(f"{self._at(row)} is read as {value.shown()}")
            if not violations:
                yield row.number, value.text
        if not violations and not self._as_is:
            violations += watch.digits.violations()
        if violations:
            raise TableRefused("\n  ".join([f"{self._found.table.path} is refused:", *violations]))

    def _checked(self, row: Row) -> Value:
        if row.hidden:
            raise Unreadable("is in a row that is hidden; show it, or delete it")
        if self._headings and [row.at(column).text for column in self._columns] == self._headings:
            raise Unreadable("stands above the values; divide what was joined, or delete the second headings")
        if row.width > self._width:
            raise Unreadable("has more cells than there are columns: a separator stands in a value, or delete them")
        return self._read([row.at(column) for column in self._columns])

    def _at(self, row: Row) -> str:
        """A row's number, and what it has in each column."""
        return f"row {row.number}, " + " and ".join(
            f"column {letters(column)} “{shortened(row.at(column).text)}”" for column in self._columns
        )


class _Watch:
    """Looks over a whole column for what no single value shows."""

    def __init__(self, *, distinct: bool) -> None:
        self.digits = Digits()
        self._rows: dict[str, int] | None = {} if distinct else None
        self._around: tuple[int, tuple[str, str]] | None = None

    def see(self, row: int, value: Value) -> None:
        """Raise Unreadable for one that is here already, or that has something else around it than the first."""
        self._around = self._around or (row, value.around)
        if value.around != self._around[1]:
            raise Unreadable(f"has something else around it than row {self._around[0]}; mend one of both")
        if self._rows is not None and (earlier := self._rows.setdefault(value.alone, row)) != row:
            raise Unreadable(f"is the same as row {earlier}; delete one of both")
        self.digits.see(row, value.alone)


def is_total(row: Row) -> bool:
    """Whether a row is a total or a note below a list: its first cell that is not blank says so."""
    return bool(_TOTAL.fullmatch(next(cell.text for cell in row.cells if cell.text)))
