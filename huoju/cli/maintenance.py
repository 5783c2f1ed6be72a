"""`huoju audit`, `huoju db`, `huoju texts`."""

import sys
from pathlib import Path

import click
from rich.text import Text

from core import schema
from core.keys import add_sealing_key, open_key_file
from core.randomness import SystemRandomness
from core.texts.catalogue import LANGUAGES, named
from handlers import MECHANICS
from handlers.operators.log import verify_file
from huoju.account_registry import known_places, read_registry
from huoju.cli.console import complain, installation, out
from huoju.cli.verbs import group_of
from huoju.settings import read_settings

audit = group_of("audit")


@audit.command("verify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def verify_export(file: Path) -> None:
    """Look at FILE, an export of the log of operators, by the key file alone: no database is asked."""
    keys = open_key_file(read_settings().keys_file, SystemRandomness())
    with file.open(encoding="utf-8") as lines:
        faults = list(verify_file(lines, keys))
    for fault in faults:
        complain(f"row {fault.number} {fault.wrong}")
    if faults:
        sys.exit(1)
    out.print(f"Every row of {file} is as it was written, and the last one is its end.")


@click.group()
def db() -> None:
    """Create and migrate the database."""


@db.command()
def upgrade() -> None:
    """Create the key file and the schema where they are missing, and migrate forward."""
    here = installation(create=True)
    left = schema.differences(here.database)
    if not left:
        out.print("The database is at the newest schema.")
        return
    names = schema.in_words(left)
    places = "1 place" if len(names) == 1 else f"{len(names)} places"
    out.print(f"The schema differs from this program's in {places}: {', '.join(names)}")


@click.command()
@click.option(
    "--preview",
    "where",
    metavar="CHANNEL",
    help="Tell of each how long it arrives at a channel or one of our accounts, and in how many parts.",
)
def texts(where: str | None) -> None:
    """All texts that players read, by key; a campaign may override any of them."""
    if where is not None and (wrong := known_places(read_settings()).wrong_with(where)) is not None:
        raise click.BadParameter(wrong.text, param_hint="--preview")
    registry = None if where is None else read_registry(read_settings())
    for key in MECHANICS.texts()["en"]:
        out.print(Text(key, "bold"))
        for language in LANGUAGES:
            text = MECHANICS.texts()[language][key]
            out.print(f"  {language}: {text!r}")
            for place, arrives in ({} if registry is None else registry.previews(where or "", named(text))).items():
                room = "" if arrives.room is None else f" of {arrives.room}"
                parts = "1 part" if len(arrives.parts) == 1 else f"{len(arrives.parts)} parts"
                out.print(f"      {place}: {arrives.length}{room} {arrives.counted_in}, {parts}")


@click.group()
def keys() -> None:
    """Look after the key file. Back it up: without it no code and no name can ever be read."""


@keys.command()
def rotate() -> None:
    """Seal everything new with a fresh key; what is sealed already stays readable. Restart the processes after it."""
    settings = read_settings()
    number = add_sealing_key(settings.keys_file, SystemRandomness())
    out.print(f"{settings.keys_file} has key {number} now. Back the file up and restart Huoju's processes.")
