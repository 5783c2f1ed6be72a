"""What the commands share: opening the installation, and printing."""

import sys

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Printed

from core.answers import Answer, ColumnFormat, Line, Link, Table
from huoju.bootstrap import Installation, open_installation
from huoju.settings import read_settings

_WIDE = 400

# What people wrote is shown as it is: brackets are no markup and colons no emoji.
# A table that goes into a pipe or a file keeps each row on one line.
out = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


def complain(sentence: str) -> None:
    """Print a refusal to standard error."""
    err.print(f"huoju: {sentence}")


def installation(*, create: bool = False) -> Installation:
    """The installation that the settings name, opened until the command ends. Raises one of REFUSALS."""
    here = open_installation(read_settings(), create=create)
    click.get_current_context().call_on_close(here.database.dispose)
    return here


def table(*columns: str) -> Printed:
    """An empty table with ``columns``."""
    made = Printed(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    return made


def print_answer(answer: Answer, begins_with: str | None = None) -> None:
    """Print what a verb answered; what is copied stays whole, on a narrow screen the rest is folded.

    Links begin with ``begins_with``.
    """
    for part in answer.parts:
        match part:
            case Line():
                out.print(part.text)
            case Table():
                nothing = part.empty if not part.rows else None
                if part.title and nothing != "":
                    out.print(part.title)
                if nothing != "":
                    out.print(str(nothing) if nothing else _as_printed(part))
            case Link():
                out.print(f"{part.sentence}: {part.address(begins_with)}")


def _as_printed(part: Table) -> Printed:
    cells = [[column.text(value) for column, value in zip(part.columns, row, strict=True)] for row in part.rows]
    if part.upright:
        made = table("", "")
        made.show_header = False
        for column, text in zip(part.columns, *cells, strict=True):
            made.add_row(column.heading, text)
        return made
    made = table()
    for column in part.columns:
        made.add_column(column.heading, overflow="fold", no_wrap=column.shown is ColumnFormat.COPIED)
    for row in cells:
        made.add_row(*row)
    return made


def progress() -> Progress:
    """A progress bar on standard error; nothing where that is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
