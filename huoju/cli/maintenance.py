"""`huoju audit`, `huoju db`."""

import sys
from pathlib import Path

import click

from core import schema
from core.answers import Answer, Verbatim, line
from core.database import open_database
from core.keys import open_key_file
from core.operators import VerbRefused
from core.randomness import SystemRandomness
from core.times import system_clock
from core.upgrade import Plan, plan
from core.upgrade import upgrade as upgrade_patiently
from handlers.operators.log import verify_file
from huoju.backup.take import FOLDER, take
from huoju.cli.backup import stages
from huoju.cli.console import (
    Telling,
    confirmed,
    err,
    if_stopped,
    installation,
    json_option,
    progress,
    spoken,
    tell,
)
from huoju.cli.help import Group
from huoju.cli.language import in_language
from huoju.cli.verbs import group_of
from huoju.doctor import exists
from huoju.settings import Settings, read_settings

audit = group_of("audit")


@audit.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def verify_export(file: Path, *, as_json: bool) -> None:
    """Look at FILE, an export of the log of operators, by the key file alone: no database is asked."""
    keys = open_key_file(read_settings().keys_file, SystemRandomness())
    with progress() as bar, bar.open(file, "r", encoding="utf-8", description=spoken().word("Reading")) as lines:
        faults = list(verify_file(lines, keys))
    wrong = [line("row {row} {wrong}", row=fault.number, wrong=fault.wrong) for fault in faults]
    well = line("Every row of {file} is as it was written, and the last one is its end.", file=str(file))
    tell(Answer([] if wrong else [well], wrong=wrong), as_json=as_json)


@click.group(cls=Group)
def db() -> None:
    """Create and migrate the database."""


@db.command()
@click.option("--dry-run", is_flag=True, help="Say what it would do, and do nothing.")
@click.option("--yes", "sure", is_flag=True, help="Do it without asking, as scripts do.")
@click.option(
    "--backup/--no-backup",
    "backs_up",
    default=True,
    help="Take a backup of SQLite before it (default), into var/backups.",
)
@json_option
@in_language
def upgrade(*, dry_run: bool, sure: bool, backs_up: bool, as_json: bool, language: str) -> None:
    """Create the key file and the schema where they are missing, and migrate forward: it says what it will do first."""
    settings, tell_of = read_settings(), Telling(language, as_json=as_json)
    planned = _planned(settings.database_url)
    if planned is not None and planned.steps:
        _tell(planned, tell_of)
        if dry_run:
            tell_of.end()
            return
        _ask(sure=sure)
        _upgrade(settings, tell_of, planned, backs_up=backs_up)
    elif dry_run:
        new = "The database would be created."
        tell_of(new if planned is None else "The database is at the newest schema.")
        tell_of.end()
        return
    left = schema.differences(installation(create=True).database)
    if not left:
        tell_of("The database is at the newest schema.")
    else:
        names = schema.in_words(left)
        one, more = (
            "The schema differs from this program's in 1 place: {places}",
            "The schema differs from this program's in {count} places: {places}",
        )
        tell_of(one if len(names) == 1 else more, count=len(names), places=Verbatim(", ".join(names)))
    tell_of.end()


def _planned(url: str) -> Plan | None:
    if not exists(url):
        return None
    database = open_database(url, connections=1)
    try:
        if not schema.is_set_up(database):
            return None
        with database.connect() as connection:
            return plan(connection)
    finally:
        database.dispose()


def _tell(planned: Plan, tell_of: Telling) -> None:
    newest = planned.steps[-1].revision
    tell_of("The schema goes from {before} to {newest}, all of it or nothing:", before=planned.before, newest=newest)
    for step in planned.steps:
        tell_of("  {revision}  {says}", revision=step.revision, says=Verbatim(step.says))
    if not planned.waiting:
        tell_of("Nobody waits for it: it makes new tables only.")
        return
    if planned.lasts_s < 1:
        tell_of("Whoever writes these tables waits until it is done, an instant:")
    else:
        lasts = "Whoever writes these tables waits until it is done, about {seconds:,.0f} seconds on a small machine:"
        tell_of(lasts, seconds=planned.lasts_s)
    for each in planned.waiting:
        tell_of("  {table} (about {rows:,} rows)", table=Verbatim(each.table), rows=each.rows)


def _ask(*, sure: bool) -> None:
    if sure:
        return
    if not sys.stdin.isatty():
        raise VerbRefused("nothing was changed: stop the processes, take a backup, and say --yes")
    confirmed("Have the processes been stopped, and shall it be done?")


def _upgrade(settings: Settings, tell_of: Telling, planned: Plan, *, backs_up: bool) -> None:
    """Bring the schema forward, after a backup where the database is a file."""
    database = open_database(settings.database_url, connections=2)
    try:
        if backs_up and database.dialect.name == "sqlite":
            FOLDER.mkdir(parents=True, exist_ok=True)
            with progress() as bar, if_stopped("nothing was changed, and no backup was left"):
                made = take(settings, FOLDER, system_clock, stages(bar))
            tell_of("{file} has it as it was before.", file=str(made.path))
        keys = open_key_file(settings.keys_file, SystemRandomness())
        with progress() as bar, if_stopped("nothing was changed: the schema is as it was before"):
            task = bar.add_task(planned.steps[0].revision, total=len(planned.steps))
            steps = {step.revision: number for number, step in enumerate(planned.steps, 1)}
            upgrade_patiently(
                database,
                keys,
                lambda tries: err.print(
                    tell_of.says.sentence("The tables are in use; try {number} follows.", number=tries + 1)
                ),
                applied=lambda done: bar.update(task, completed=steps[done], description=done),
            )
    finally:
        database.dispose()
