"""Tables as workbooks (.xlsx, .ods), read in a child process that has limits: a hostile file ends that, not us."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from huoju.tables import workbook_child
from huoju.tables.delimited_text import clean
from huoju.tables.table import Cell, Kind, Row, Table, TableRefused

_MOST_BYTES = 256 * 2**20
_PATIENCE_S = 300
_LONGEST_LINE = 2**24
_KILLED = {-signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV, -signal.SIGBUS, 1}
_SAVE = "; save it again in a spreadsheet, the table alone, as .xlsx without a password or as CSV UTF-8"


def workbook_table(path: Path, sheet: str | None) -> Table:
    """The table in a worksheet: ``sheet``, or the only one that is shown and not blank.

    Raises TableRefused when it cannot be read, or there are several to choose from.
    """
    if path.stat().st_size > _MOST_BYTES:
        raise TableRefused(f"{path} is larger than {_MOST_BYTES // 2**20} MiB; divide it, or save it as CSV UTF-8")
    with _Child(path, sheet) as child:
        names = child.value()
    if not names:
        raise TableRefused(f"{path} has no worksheet that is shown")
    if sheet is None and len(names) > 1:
        raise TableRefused(f"{path} has several worksheets; say which: --sheet {' or '.join(map(repr, names))}")
    if sheet is not None and sheet not in names:
        raise TableRefused(f"{path} has no worksheet {sheet!r} that is shown; it has {', '.join(map(repr, names))}")
    name = sheet or names[0]
    return Table(path, f"worksheet “{name}”", None, lambda: _rows(path, name))


def _rows(path: Path, sheet: str) -> Iterator[Row]:
    with _Child(path, sheet) as child:
        child.value()
        while (value := child.value()) is not True:
            number, cells, hidden = value
            row = Row(number, tuple(_cell(cell) for cell in cells), hidden)
            if row.width:
                yield row


def _cell(value: str | list[str]) -> Cell:
    return Cell(clean(value)) if isinstance(value, str) else Cell(value[1], Kind(value[0]))


class _Child:
    """The process that reads. It is ended when the block is left, however much it has yet to say."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        self._path, self._late = path, False
        self._words = [sys.executable, "-I", workbook_child.__file__, *([] if sheet is None else [sheet])]

    def __enter__(self) -> Self:
        with self._path.open("rb") as file:
            self._process = subprocess.Popen(  # noqa: S603  # our own program, and a name that is no option of it
                self._words, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
            )
        self._timer = threading.Timer(_PATIENCE_S, self._end)
        self._timer.start()
        return self

    def _end(self) -> None:
        self._late = True
        self._process.kill()

    def value(self) -> Any:
        """The next value, and True at the end. Raises TableRefused when the child gave up or was ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline(_LONGEST_LINE)
        if line.endswith(b"\n"):
            value = json.loads(line)
            if isinstance(value, str):
                raise TableRefused(f"{self._path}: {value}{_SAVE}")
            if isinstance(value, dict):
                raise TableRefused(f"{self._path} {value['is']}")
            return value
        code = self._process.wait() if not line else None
        if code == -signal.SIGXCPU or self._late:
            raise TableRefused(f"{self._path} takes too long to read{_SAVE}")
        why = "needs too much memory" if code in _KILLED else "cannot be read"
        raise TableRefused(f"{self._path} {why}: cells stand far below or beside the table, or it is no .xlsx{_SAVE}")

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._process.kill()
        self._process.communicate()
