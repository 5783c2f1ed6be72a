"""What the commands share: opening the installation, printing, and the refusals that are shown as one sentence."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from core.blame import may_pass_when_retried
from core.database import Moved
from core.words import Mark, read_row_number
from huoju.bootstrap import Installation, open_installation
from huoju.settings import read_settings


class Refused(Exception):
    """What was asked on the command line cannot be done; the message says why and what to do."""


Result = TypeVar("Result")
_TRIES = 3
_WIDE = 400
_WHOLE = {"number", "inviter"}
"""Columns whose values are copied: on a narrow screen the others are folded."""
_LISTED_BY = {Mark.CLAIM: "huoju claims list", Mark.FRIEND: "huoju invites list` or `huoju names list"}

_ADDRESS = re.compile(r"([^/]+)/([^/]+)/(.+)")

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


def table(*columns: str) -> Table:
    """An empty table with ``columns``."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold", no_wrap=column in _WHOLE)
    return made


class Instant(click.DateTime):
    """A time in UTC on the command line: a day, or a day and a time."""

    name = "utc time"

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """An aware instant. Raises BadParameter."""
        found: datetime = super().convert(value, param, ctx)
        return found.replace(tzinfo=UTC)


def address_of(text: str) -> tuple[str, str, str]:
    """Read channel/account/user. Raises BadParameter."""
    match = _ADDRESS.fullmatch(text)
    if not match:
        raise click.BadParameter("write an address as channel/account/user, for example playground/demo/anna")
    return match[1], match[2], match[3]


def id_of(mark: Mark, number: str) -> int:
    """The id of the row that operators know under ``number``. Raises Refused when it is mistyped."""
    row_id = read_row_number(mark, number)
    if row_id is None:
        shown = number if len(number) <= 20 and number.isprintable() else "this"  # noqa: PLR2004  # what fits a sentence
        raise Refused(f"{shown} is no number of ours, a symbol is wrong or missing; copy it from `{_LISTED_BY[mark]}`")
    return row_id


def patiently(act: Callable[[], Result]) -> Result:
    """What ``act`` returns. It is tried again when somebody else's change came between, as it changed nothing then."""
    for _ in range(_TRIES - 1):
        try:
            return act()
        except Exception as error:
            if not may_pass_when_retried(error) or getattr(error, "connection_invalidated", False):
                raise
    try:
        return act()
    except Moved:
        raise Refused("somebody else is changing the same at this moment; nothing was changed, try again") from None


def progress() -> Progress:
    """A progress bar on standard error; nothing where that is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
