"""What the commands share: opening the installation, and printing."""

import json
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as Printed

from core.answers import Answer, AnswerPart, Column, ColumnFormat, Line, Link, Table, Value
from core.operators import VerbRefused
from handlers.operators.say import Teller
from huoju.bootstrap import Installation, open_installation
from huoju.cli.language import language_of, with_option
from huoju.cli.wording import teller
from huoju.settings import read_settings

AS_JSON = "as_json"
_WIDE = 400
_SOON_S = 1.0

# What people wrote is shown as it is: brackets are no markup and colons no emoji.
# A table that goes into a pipe or a file keeps each row on one line.
out = Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, soft_wrap=True, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


def complain(sentence: str) -> None:
    """Print a refusal to standard error."""
    err.print(f"huoju: {sentence}")


def json_option(command: Any) -> Any:
    """Let ``command`` have ``--json``, as ``as_json``."""
    return with_option(command, json_switch())


def json_switch() -> click.Option:
    """``--json``."""
    return click.Option(["--json", AS_JSON], is_flag=True, help="As JSON.")


def tell(
    answer: Answer, *, as_json: bool, begins_with: str | None = None, zone: tzinfo = UTC, language: str | None = None
) -> None:
    """Print what a command answers, as one JSON document where asked; ends with exit code 1 where not all is good.

    Links begin with ``begins_with``; people read instants in ``zone``, scripts in UTC; sentences are in ``language``,
    else in that of whoever called.
    """
    says = spoken() if language is None else teller(language)
    if as_json:
        print_document(command_name(), answer.document(says.line))
    else:
        print_answer(answer, begins_with, zone, says)
        if answer.file is not None:
            out.print(says.sentence("The file: {file}", file=str(answer.file)))
    for one in answer.wrong:
        complain(says.line(one))
    if answer.wrong:
        sys.exit(1)


def spoken() -> Teller:
    """Says sentences in the language of whoever called."""
    return teller(language_of(click.get_current_context()))


class Telling:
    """Tells what a command does bit by bit: a person at once, a script in one document at the end."""

    def __init__(self, language: str, *, as_json: bool) -> None:
        self.says = teller(language)
        self._language, self._as_json, self._parts = language, as_json, list[AnswerPart]()

    def __call__(self, sentence: str, **values: Value) -> None:
        """Tell ``sentence`` with ``values`` in its places."""
        self.parts([Line(sentence, values)])

    def parts(self, parts: Sequence[AnswerPart]) -> None:
        """Tell ``parts``."""
        if self._as_json:
            self._parts += parts
        else:
            print_answer(Answer(parts), says=self.says)

    def end(self, wrong: Sequence[Line] = ()) -> None:
        """That was all; ``wrong`` is what is not good, and then the exit code is 1."""
        tell(Answer(self._parts, wrong=wrong), as_json=self._as_json, language=self._language)


def print_document(command: str, document: dict[str, object]) -> None:
    """Print the one JSON document that a command answers scripts with; the shape: docs/commands.md."""
    out.print(json.dumps({"verb": command, **document}, ensure_ascii=False, indent=2))


def command_name() -> str:
    """What is being said: "codes import"."""
    return click.get_current_context().command_path.partition(" ")[2]


def confirmed(question: str) -> bool:
    """True for a yes to ``question``, in the language of whoever called.

    Raises VerbRefused for a no, Ctrl-C, or where nobody is there to answer.
    """
    try:
        yes = click.confirm(spoken().word(question), err=True)
    except click.Abort:
        raise VerbRefused("nobody said yes, so nothing was changed; --yes says it without being asked") from None
    if not yes:
        raise VerbRefused("you said no; nothing was changed")
    return True


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


def print_answer(
    answer: Answer, begins_with: str | None = None, zone: tzinfo = UTC, says: Teller | None = None
) -> None:
    """Print what a verb answered; what is copied stays whole, on a narrow screen the rest is folded.

    Links begin with ``begins_with``; instants are those of clocks in ``zone``; ``says`` knows the language.
    """
    says = says or teller("en")
    for part in answer.parts:
        match part:
            case Line():
                out.print(says.line(part))
            case Table():
                nothing = part.empty if not part.rows else None
                if part.title and nothing != "":
                    out.print(says.word(part.title))
                if nothing != "":
                    nothing = Line(nothing, {}) if isinstance(nothing, str) else nothing
                    out.print(says.line(nothing) if nothing else _as_printed(part, zone, says))
            case Link():
                out.print(says.sentence("{what}: {address}", what=part.sentence, address=part.address(begins_with)))


def _as_printed(part: Table, zone: tzinfo, says: Teller) -> Printed:
    cells = [
        [says.value(column, _in_zone(value, zone)) for column, value in zip(part.columns, row, strict=True)]
        for row in part.rows
    ]
    headings = [_heading(column, zone, says) for column in part.columns]
    if part.upright:
        made = table("", "")
        made.show_header = False
        for heading, text in zip(headings, *cells, strict=True):
            made.add_row(heading, text)
        return made
    made = table()
    for column, heading in zip(part.columns, headings, strict=True):
        made.add_column(heading, overflow="fold", no_wrap=column.shown is ColumnFormat.COPIED)
    for row in cells:
        made.add_row(*row)
    return made


def _heading(column: Column, zone: tzinfo, says: Teller) -> str:
    """The name of a column, and the zone of its instants."""
    is_instant = column.shown in {ColumnFormat.MINUTE, ColumnFormat.SECOND}
    return f"{says.word(column.name)} ({zone})" if is_instant else says.word(column.name)


def _in_zone(value: Value, zone: tzinfo) -> Value:
    return value.astimezone(zone) if isinstance(value, datetime) else value


class Interrupted(click.Abort):
    """Ctrl-C came in the middle; ``stands`` says what of it stands."""

    def __init__(self, stands: str) -> None:
        super().__init__()
        self.stands = stands


@contextmanager
def if_stopped(stands: str) -> Iterator[None]:
    """Tell what ``stands`` of what is done within, where Ctrl-C ends it."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(stands) from None


@contextmanager
def patience(doing: str) -> Iterator[None]:
    """Tell whoever waits for longer than a second that something is being done whose length nobody knows."""
    if not err.is_terminal:
        yield
        return
    status = err.status(f"{spoken().word(doing)} …")
    waiting = threading.Timer(_SOON_S, status.start)
    waiting.daemon = True
    waiting.start()
    try:
        yield
    finally:
        waiting.cancel()
        waiting.join()
        status.stop()


@contextmanager
def counted(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar for what is ``doing``, which is told how much is done, and of how much."""
    with progress() as bar:
        task = bar.add_task(spoken().word(doing), total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


def progress() -> Progress:
    """A progress bar on standard error; nothing where that is not a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=not err.is_terminal)
