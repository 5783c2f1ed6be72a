"""`huoju backup`, `huoju restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.progress import Progress

from core.answers import Answer, AnswerPart, line, said
from core.times import system_clock
from huoju.account_registry import read_registry
from huoju.backup.archive import Told
from huoju.backup.restore import Faulty, Restored
from huoju.backup.restore import rehearse as rehearse_backup
from huoju.backup.restore import restore as restore_backup
from huoju.backup.take import FOLDER, Backup, Stage, take
from huoju.cli.console import complain, if_stopped, json_option, progress, spoken, tell
from huoju.settings import Settings, read_settings


@click.command()
@click.argument("place", metavar="[FILE|FOLDER]", required=False, type=click.Path(path_type=Path))
@click.option("--verify", is_flag=True, help="Restore the backup into a database of its own, and audit that.")
@json_option
def backup(place: Path | None, *, verify: bool, as_json: bool) -> None:
    """Write the whole database into one new FILE, or into FOLDER (var/backups), while everybody plays on.

    The key file is not in it: keep a copy of that elsewhere.
    """
    settings = read_settings()
    if place is None:
        FOLDER.mkdir(parents=True, exist_ok=True)
    with progress() as bar:
        with if_stopped("no backup was left"):
            made = take(settings, place or FOLDER, system_clock, stages(bar))
        if verify:
            with if_stopped("the backup is whole; whether it can be restored is not known yet"):
                rehearse_backup(settings, made.path, system_clock, stages(bar))
    tell(_taken(made, settings, verified=verify), as_json=as_json)


def _taken(made: Backup, settings: Settings, *, verified: bool) -> Answer:
    manifest = made.manifest
    holds = "{file} holds {rows:,} rows as of {at:%Y-%m-%d %H:%M:%S} UTC."
    parts = [line(holds, file=str(made.path), rows=sum(manifest.rows.values()), at=manifest.taken_at)]
    if verified:
        parts.append(line("It was restored into a database of its own, and every guarantee holds there."))
    else:
        parts.append(
            line(
                "Whether it can be restored is not known yet: --verify, or huoju restore --rehearse {file}.",
                file=str(made.path),
            )
        )
    needs = "It is of no use without {keys}: keep {keys_file} elsewhere."
    parts.append(line(needs, keys=str(manifest.keys), keys_file=str(settings.keys_file)))
    if not made.noted:
        parts.append(line("The database could not note it, so /health does not know of it."))
    return Answer(parts)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rehearse", is_flag=True, help="Restore it into a database of its own, audit that, and take it away.")
@click.option("--with-faults", is_flag=True, help="Put it in place though the audit finds faults in it.")
@json_option
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
            complain(spoken().line(fault))
        raise
    tell(_restored(file, restored, places, rehearsed=rehearse), as_json=as_json)


def _places(settings: Settings) -> list[tuple[str, str]]:
    return [(outlet.channel, outlet.account) for outlet in read_registry(settings).outlets()]


def _restored(file: Path, restored: Restored, places: list[tuple[str, str]], *, rehearsed: bool) -> Answer:
    taken_at, faults = restored.manifest.taken_at, restored.faults
    if rehearsed:
        told = "{file} can be restored, and every guarantee holds in it: the database as of {at:%Y-%m-%d %H:%M:%S} UTC."
        return said(told, file=str(file), at=taken_at)
    told = "The database is as it was at {at:%Y-%m-%d %H:%M:%S} UTC. What was done after that is lost."
    parts: list[AnswerPart] = [line(told, at=taken_at), *restored.settled.lines]
    if held := [f"{channel}/{account}" for channel, account in places if (channel, account) in restored.settled.held]:
        parts.append(line("No account sends before you let it. Look around first (huoju health, huoju outbox), then:"))
        parts += [line("  huoju outbox resume {account}", account=each) for each in held]
    again = "A seed that was revealed since is known to everybody: end that campaign again, before codes come in."
    return Answer([*parts, line(again)], wrong=faults)


@contextmanager
def _shown(bar: Progress, what: str) -> Iterator[Told]:
    task = bar.add_task(spoken().word(what), total=None)
    yield lambda done, of: bar.update(task, completed=done, total=of)
    bar.update(task, visible=False)


def stages(bar: Progress) -> Stage:
    """A bar for each stage of the work."""
    return lambda what: _shown(bar, what)
