"""`huoju audit`, `huoju db`, `huoju texts`."""

import sys
from pathlib import Path

import click
from rich.text import Text

from core import schema
from core.answers import Answer, Column, Table, line
from core.database import DatabaseUnusable, open_database
from core.keys import open_key_file
from core.randomness import SystemRandomness
from core.texts.catalogue import LANGUAGES
from core.texts.plurals import named
from core.times import system_clock
from core.upgrade import Plan, plan
from core.upgrade import upgrade as upgrade_patiently
from handlers import MECHANICS
from handlers.operators.log import verify_file
from huoju.account_registry import known_places, read_registry
from huoju.backup.take import FOLDER, take
from huoju.cli.backup import stages
from huoju.cli.console import confirmed, err, installation, json_option, out, progress, tell
from huoju.cli.verbs import group_of
from huoju.doctor import exists
from huoju.settings import Settings, read_settings

audit = group_of("audit")
_TEXTS = [Column(name) for name in ("key", "language", "text")]
_ARRIVING = [Column(name) for name in ("key", "language", "place", "length", "room", "counted in", "parts")]


@audit.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
def verify_export(file: Path, *, as_json: bool) -> None:
    """Look at FILE, an export of the log of operators, by the key file alone: no database is asked."""
    keys = open_key_file(read_settings().keys_file, SystemRandomness())
    with file.open(encoding="utf-8") as lines:
        faults = list(verify_file(lines, keys))
    wrong = [line("row {row} {wrong}", row=fault.number, wrong=fault.wrong) for fault in faults]
    well = line("Every row of {file} is as it was written, and the last one is its end.", file=str(file))
    tell(Answer([] if wrong else [well], wrong=wrong), as_json=as_json)


@click.group()
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
def upgrade(*, dry_run: bool, sure: bool, backs_up: bool) -> None:
    """Create the key file and the schema where they are missing, and migrate forward: it says what it will do first."""
    settings = read_settings()
    planned = _planned(settings.database_url)
    if planned is not None and planned.steps:
        _tell(planned)
        if dry_run:
            return
        _ask(sure=sure)
        _upgrade(settings, backs_up=backs_up)
    elif dry_run:
        out.print("The database would be created." if planned is None else "The database is at the newest schema.")
        return
    left = schema.differences(installation(create=True).database)
    if not left:
        out.print("The database is at the newest schema.")
        return
    names = schema.in_words(left)
    places = "1 place" if len(names) == 1 else f"{len(names)} places"
    out.print(f"The schema differs from this program's in {places}: {', '.join(names)}")


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


def _tell(planned: Plan) -> None:
    newest = planned.steps[-1].revision
    out.print(f"The schema goes from {planned.before} to {newest}, all of it or nothing:")
    for step in planned.steps:
        out.print(f"  {step.revision}  {step.says}")
    if not planned.waiting:
        out.print("Nobody waits for it: it makes new tables only.")
        return
    lasts = "an instant" if planned.lasts_s < 1 else f"about {planned.lasts_s:,.0f} seconds on a small machine"
    out.print(f"Whoever writes these tables waits until it is done, {lasts}:")
    for each in planned.waiting:
        out.print(f"  {each.table} (about {each.rows:,} rows)")


def _ask(*, sure: bool) -> None:
    if sure:
        return
    if not sys.stdin.isatty():
        raise DatabaseUnusable("nothing was changed: stop the processes, take a backup, and say --yes")
    confirmed("Have the processes been stopped, and shall it be done?")


def _upgrade(settings: Settings, *, backs_up: bool) -> None:
    """Bring the schema forward, after a backup where the database is a file."""
    database = open_database(settings.database_url, connections=2)
    try:
        if backs_up and database.dialect.name == "sqlite":
            FOLDER.mkdir(parents=True, exist_ok=True)
            with progress() as bar:
                made = take(settings, FOLDER, system_clock, stages(bar))
            out.print(f"{made.path} has it as it was before.")
        keys = open_key_file(settings.keys_file, SystemRandomness())
        upgrade_patiently(database, keys, lambda tries: err.print(f"The tables are in use; try {tries + 1} follows."))
    finally:
        database.dispose()


@click.command()
@click.option(
    "--preview",
    "where",
    metavar="CHANNEL",
    help="Tell of each how long it arrives at a channel or one of our accounts, and in how many parts.",
)
@json_option
def texts(where: str | None, *, as_json: bool) -> None:
    """All texts that players read, by key; a campaign may override any of them."""
    if where is not None and (wrong := known_places(read_settings()).wrong_with(where)) is not None:
        raise click.BadParameter(wrong.text, param_hint="--preview")
    registry = None if where is None else read_registry(read_settings())
    rows: list[tuple[str, str, str]] = []
    arriving: list[tuple[str, str, str, int, int | None, str, int]] = []
    for key in MECHANICS.texts()["en"]:
        for language in LANGUAGES:
            text = MECHANICS.texts()[language][key]
            rows.append((key, language, text))
            for place, arrives in ({} if registry is None else registry.previews(where or "", named(text))).items():
                size = (arrives.length, arrives.room, arrives.counted_in, len(arrives.parts))
                arriving.append((key, language, place, *size))
    if as_json:
        tables = [Table("texts", _TEXTS, rows), *([Table("arriving", _ARRIVING, arriving)] if registry else [])]
        tell(Answer(tables), as_json=True)
        return
    for key, language, text in rows:
        if language == LANGUAGES[0]:
            out.print(Text(key, "bold"))
        out.print(f"  {language}: {text!r}")
        for _, _, place, length, most, counted_in, count in (one for one in arriving if one[:2] == (key, language)):
            room = "" if most is None else f" of {most}"
            parts = "1 part" if count == 1 else f"{count} parts"
            out.print(f"      {place}: {length}{room} {counted_in}, {parts}")
