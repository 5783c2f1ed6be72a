"""`huoju backup`, `huoju restore`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from core.times import system_clock
from huoju.account_registry import read_registry
from huoju.backup.archive import Told
from huoju.backup.restore import Faulty, Restored
from huoju.backup.restore import rehearse as rehearse_backup
from huoju.backup.restore import restore as restore_backup
from huoju.backup.take import FOLDER, Stage, take
from huoju.cli.console import complain, out, progress
from huoju.settings import Settings, read_settings

_JSON = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")


@click.command()
@click.argument("place", metavar="[FILE|FOLDER]", required=False, type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Restore the backup into a database of its own, and audit that.")
@_JSON
def backup(place: Path | None, *, verify: bool, as_json: bool) -> None:
    """Write the whole database into one new FILE, or into FOLDER (var/backups), while everybody plays on.

    The key file is not in it: keep a copy of that elsewhere.
    """
    settings = read_settings()
    if place is None:
        FOLDER.mkdir(parents=True, exist_ok=True)
    with progress() as bar:
        made = take(settings, place or FOLDER, system_clock, stages(bar))
        if verify:
            rehearse_backup(settings, made.path, system_clock, stages(bar))
    manifest = made.manifest
    if as_json:
        _print_json(file=str(made.path), verified=verify, noted=made.noted, manifest=manifest.model_dump(mode="json"))
        return
    rows = sum(manifest.rows.values())
    out.print(f"{made.path} holds {rows:,} rows as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC.")
    out.print("It was restored into a database of its own, and every guarantee holds there." * verify or _UNVERIFIED)
    out.print(f"It is of no use without {manifest.keys}: keep {settings.keys_file} elsewhere.")
    if not made.noted:
        out.print("The database could not note it, so /health does not know of it.")


_UNVERIFIED = "Whether it can be restored is not known yet: --verify, or huoju restore --rehearse."


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rehearse", is_flag=True, help="Restore it into a database of its own, audit that, and take it away.")
@click.option("--with-faults", is_flag=True, help="Put it in place though the audit finds faults in it.")
@_JSON
def restore(file: Path, *, rehearse: bool, with_faults: bool, as_json: bool) -> None:
    """Fill the empty database of the settings with the backup FILE; then no account sends before you let it."""
    settings = read_settings()
    places = [] if rehearse else _places(settings)
    try:
        with progress() as bar:
            if rehearse:
                restored = rehearse_backup(settings, file, system_clock, stages(bar))
            else:
                restored = restore_backup(settings, file, places, system_clock, stages(bar), with_faults=with_faults)
    except Faulty as refused:
        for fault in refused.faults:
            complain(fault)
        raise
    if as_json:
        _print_json(**_document(file, restored, rehearsed=rehearse))
    else:
        _tell(file, restored, places, rehearsed=rehearse)
    for fault in restored.faults:
        complain(fault)
    if restored.faults:
        sys.exit(1)


def _places(settings: Settings) -> list[tuple[str, str]]:
    return [(outlet.channel, outlet.account) for outlet in read_registry(settings).outlets()]


def _document(file: Path, restored: Restored, *, rehearsed: bool) -> dict[str, Any]:
    return {
        "file": str(file),
        "rehearsed": rehearsed,
        "faults": list(restored.faults),
        "settled": [each.text for each in restored.settled.lines],
        "held": [] if rehearsed else [f"{channel}/{account}" for channel, account in restored.settled.held],
        "manifest": restored.manifest.model_dump(mode="json"),
    }


def _tell(file: Path, restored: Restored, places: list[tuple[str, str]], *, rehearsed: bool) -> None:
    taken_at = f"{restored.manifest.taken_at:%Y-%m-%d %H:%M:%S}"
    if rehearsed:
        out.print(f"{file} can be restored, and every guarantee holds in it: the database as of {taken_at} UTC.")
        return
    out.print(f"The database is as it was at {taken_at} UTC. What was done after that is lost.")
    for each in restored.settled.lines:
        out.print(each.text)
    held = [place for place in places if place in restored.settled.held]
    if held:
        out.print("No account sends before you let it. Look around first (huoju health, huoju outbox), then:")
        for channel, account in held:
            out.print(f"  huoju outbox resume {channel}/{account}")
    out.print("A seed that was revealed since is known to everybody: end that campaign again, before codes come in.")


@contextmanager
def _shown(bar: Progress, what: str) -> Iterator[Told]:
    task = bar.add_task(what, total=None)
    yield lambda done, of: bar.update(task, completed=done, total=of)
    bar.update(task, visible=False)


def stages(bar: Progress) -> Stage:
    """A bar for each stage of the work."""
    return lambda what: _shown(bar, what)


def _print_json(**document: Any) -> None:
    out.print(json.dumps(document, ensure_ascii=False, indent=2))
