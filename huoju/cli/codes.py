"""`huoju codes`: its verbs, and what takes a file: importing, and activating by the file."""

from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from core.answers import Answer, line
from core.new_file import sha256_of
from handlers import MECHANICS
from handlers.codes import importer as importing
from handlers.codes.batches import Issue
from handlers.codes.verbs import ACTIVATE
from huoju.bootstrap import Installation
from huoju.cli import verbs
from huoju.cli.console import if_stopped, installation, json_option, progress, spoken, tell
from huoju.cli.import_options import table_options, tell_how_read, tell_what_changed
from huoju.cli.verbs import command_of, group_of
from huoju.tables.codes import codes_in, knows_codes
from huoju.tables.reader import open_table

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


codes = group_of("codes")


def _how(here: Installation, bar: Progress, doing: str, total: int | None) -> Issue:
    task = bar.add_task(spoken().word(doing), total=total)
    return Issue(here.keys, here.randomness, here.clock(), MECHANICS.sections, lambda done: bar.advance(task, done))


@codes.command("import")
@click.argument("campaign")
@table_options
@json_option
def import_file(
    campaign: str,
    file: Path,
    columns: tuple[str, ...],
    sheet: str | None,
    *,
    dry_run: bool,
    as_is: bool,
    as_json: bool,
) -> None:
    """Take codes for CAMPAIGN that were printed elsewhere, from a column of FILE: text, CSV or .xlsx.

    The column is found by its heading (code, 兑换码 and many more), or named with --column. One code that is
    refused refuses the file.
    """
    here = installation()
    values = codes_in(open_table(file, knows_codes, sheet), columns, as_is=as_is)
    told = tell_how_read(file, values, as_json=as_json)
    with progress() as bar, if_stopped("nothing was imported"), here.runtime().sessions() as session:
        how = _how(here, bar, "Importing codes", values.rows_about)
        done = importing.import_codes(session, campaign, values, sha256_of(file), how)
        session.rollback() if dry_run else session.commit()
    tell_what_changed(values)
    if dry_run:
        good = "{count} codes are good. Nothing was stored: leave --dry-run out to import them."
        told.append(line(good, count=done.codes_count))
    else:
        made = "Batch {batch}: {count} codes from {file}, inert."
        told.append(line(made, batch=done.batch_id, count=done.codes_count, file=str(file)))
        told.append(line("To let them be redeemed: huoju codes activate {batch}", batch=done.batch_id))
    tell(Answer(told), as_json=as_json)


def _activate(sha256: str | None, file: Path | None, **typed: Any) -> None:
    verbs.say(ACTIVATE, typed | {"sha256": sha256_of(file) if file else sha256})


_activation = command_of(ACTIVATE)
_activation.params.append(click.Option(["--file"], type=_FILE, help="Activate only for this file."))
_activation.callback = _activate
codes.add_command(_activation)
