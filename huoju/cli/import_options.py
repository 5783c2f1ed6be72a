"""What the commands that take in a table share: how it is pointed at, and what is said of how it was read."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from core.answers import Line, Verbatim, line
from huoju.cli.console import err, out, progress, spoken
from huoju.tables.values import Values

Command = TypeVar("Command", bound=Callable[..., Any])
_NAMED = 5

TABLE = click.Path(path_type=Path, exists=True, dir_okay=False)
SHEET = click.option("--sheet", help="Which worksheet of a workbook, where several are filled.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Read and check everything, and store nothing.")


def table_options(command: Command) -> Command:
    """FILE and how it is read, for a command that takes in codes or vouchers."""
    for option in (
        click.option("--as-is", is_flag=True, help="Digits that look cut off by a spreadsheet are right."),
        DRY_RUN,
        SHEET,
        click.option("--column", "columns", multiple=True, help="Which column: its heading or its letter."),
        click.argument("file", type=TABLE),
    ):
        command = option(command)
    return command


def with_progress(values: Values, doing: str) -> Iterator[tuple[int, str]]:
    """The values, with a bar for a person who waits."""
    with progress() as bar:
        task = bar.add_task(spoken().word(doing), total=values.rows_about)
        for value in values:
            yield value
            bar.advance(task)


def tell_how_read(file: Path, values: Values, *, as_json: bool) -> list[Line]:
    """Say, before anything is stored, where the values stand and how the first one is read; a script hears it later.

    Returns what is still to be said.
    """
    told = line("{file}: {told}.", file=str(file), told=values.told)
    if as_json:
        return [told]
    out.print(spoken().line(told))
    return []


def tell_what_changed(values: Values) -> None:
    """Say which rows were left out, and which values are kept otherwise than they are printed."""
    says = spoken()
    if values.folded:
        alike = "Look-alikes are kept as one, however players type them (O as 0, I and L as 1), for example:"
        err.print(says.word(alike))
        for one in values.folded[:_NAMED]:
            err.print(f"  {one}")
    if values.left_out:
        left_out = "Left out, for a total or a note: row {rows}."
        err.print(says.sentence(left_out, rows=rows_named(values.left_out)))


def rows_named(rows: tuple[int, ...] | list[int]) -> Line:
    """The first of ``rows``, and how many more there are."""
    first = Verbatim(", ".join(map(str, rows[:_NAMED])))
    if len(rows) <= _NAMED:
        return line("{rows}", rows=first)
    return line("{rows} and {count} more", rows=first, count=len(rows) - _NAMED)
