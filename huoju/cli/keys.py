"""`huoju keys`: a newer sealing key, how far old rows are sealed with it, and an old key that goes."""

from collections.abc import Callable
from datetime import timedelta

import click

from core.answers import Answer, Column, ColumnFormat, Line, Table, Value, line, said
from core.database import read_only, sessions
from core.keys import SealingKey, add_sealing_key, read_secrets, remove_sealing_key
from core.operators import VerbRefused
from core.randomness import SystemRandomness
from core.resealing import look_again, percent, progress, values_by_key
from core.times import system_clock
from handlers import MECHANICS
from huoju.bootstrap import Installation
from huoju.cli.console import confirmed, counted, err, installation, json_option, spoken, tell
from huoju.cli.help import Group
from huoju.settings import read_settings

SEEN_WITHIN = timedelta(hours=1)
"""So long after a newer key was made every process and every transaction knows it."""
_KEYS = (
    Column("key"),
    Column("fingerprint"),
    Column("made", ColumnFormat.MINUTE),
    Column("seals"),
    Column("can be retired"),
    Column("why not"),
)
_COLUMNS = (
    *map(Column, ("column", "key", "percent", "pass", "sealed anew", "do not open")),
    Column("last", ColumnFormat.MINUTE),
)
_FOR_EVER = frozenset({"pepper", "index"})
"""What else is in the file: by it codes and people are found."""


@click.group(cls=Group)
def keys() -> None:
    """Look after the key file: make a newer key, see what each seals, retire an old one.

    Back the file up: without it no code and no name can ever be read.
    """


@keys.command()
@json_option
def rotate(*, as_json: bool) -> None:
    """Seal everything new with a fresh key; clocks seal with it what is there already. Nobody has to restart."""
    settings = read_settings()
    number = add_sealing_key(settings.keys_file, SystemRandomness(), system_clock())
    newer = "{file} has key {number} now. Back the file up, and copy it to every other machine that runs Huoju."
    later = "Processes take it up by themselves, and a clock seals old rows with it; how far it is: huoju keys status"
    told = [line(newer, file=str(settings.keys_file), number=number), line(later)]
    tell(Answer(told), as_json=as_json)


@keys.command()
@json_option
def status(*, as_json: bool) -> None:
    """Each key: when it was made, how many values it seals, whether it can be retired; and how far each column is."""
    here = installation()
    with counted("Counting") as told_of, read_only(sessions(here.database)) as session:
        seals = values_by_key(session, MECHANICS.sealed, told_of)
        rows = progress(session)
    known = read_secrets(here.settings.keys_file).keys
    newest = known[-1]
    under = [one for one in rows if one.key_number == newest.number]
    told: list[Line] = []
    for number in sorted(seals.keys() - {one.number for one in known}):
        lacking = "key {key} sealed {count} values and is not in the key file: put back a copy that has it"
        told.append(line(lacking, key=number, count=sum(seals[number].values())))
    keys_told = Table("keys", _KEYS, [_key_row(here, one, newest, seals.get(one.number, {})) for one in known])
    columns_told = Table(
        "columns",
        _COLUMNS,
        [
            (one.what, one.key_number, percent([one]), one.pass_number, one.anew, one.unreadable, one.moved_at)
            for one in under
        ],
        empty="",
    )
    parts: list[Table | Line] = [keys_told, columns_told]
    if len(known) > 1:
        done = percent(under) if len(under) == len(MECHANICS.sealed) else min(percent(under) if under else 0, 99)
        parts.append(line("{percent}% is sealed with key {key}.", percent=done, key=newest.number))
    parts.append(line("A backup needs every key that sealed something when it was taken: keep a copy of the key file."))
    tell(Answer(parts, wrong=told), as_json=as_json)


def _key_row(here: Installation, one: SealingKey, newest: SealingKey, seals: dict[str, int]) -> tuple[Value, ...]:
    why_not = None
    if one is newest:
        why_not = "it is the newest"
    elif seals:
        why_not = "it still seals values"
    elif not _is_seen(here, newest):
        why_not = "the newest is younger than an hour"
    return one.number, one.fingerprint, one.made_at, sum(seals.values()), why_not is None, why_not


def _is_seen(here: Installation, newest: SealingKey) -> bool:
    return newest.made_at is None or here.clock() - newest.made_at >= SEEN_WITHIN


@keys.command()
@click.argument("key", metavar="KEY")
@click.option("--yes", "sure", is_flag=True, help="Do it without asking, as scripts do.")
@json_option
def retire(key: str, *, sure: bool, as_json: bool) -> None:
    """Take the sealing key with the number KEY out of the key file, once nothing in the database needs it."""
    here = installation()
    file = here.settings.keys_file
    old = _old_key(here, key)
    with counted("Counting") as told_of:
        _refuse_if_needed(here, old, told_of)
    lost = (
        "Key {key} ({fingerprint}) goes from {file}. Backups from before everything was sealed anew need it: without a"
        " copy of the file as it is now, nobody can restore them."
    )
    warning = line(lost, key=old.number, fingerprint=old.fingerprint, file=str(file))
    if not sure:
        err.print(spoken().line(warning))
        confirmed("Shall it be retired?")
    remove_sealing_key(file, old.number)
    gone = (
        "Key {key} ({fingerprint}) is retired. Copy {file} to every other machine that runs Huoju. Destroy the copies"
        " that hold the old key when the last backup that needs it is gone, and no sooner."
    )
    tell(said(gone, key=old.number, fingerprint=old.fingerprint, file=str(file)), as_json=as_json)


def _old_key(here: Installation, key: str) -> SealingKey:
    """The key that somebody named. Raises VerbRefused for one that cannot go."""
    if key in _FOR_EVER:
        raise VerbRefused("{what} cannot be retired: codes and people are found by it, for ever", what=key)
    known = read_secrets(here.settings.keys_file).keys
    old = next((one for one in known if str(one.number) == key), None)
    if old is None:
        numbers = ", ".join(str(one.number) for one in known)
        raise VerbRefused("there is no sealing key {key}; the file has {numbers}", key=key, numbers=numbers)
    if old is known[-1]:
        raise VerbRefused("key {key} is the newest, which seals; make another one first: huoju keys rotate", key=key)
    if not _is_seen(here, known[-1]):
        young = "key {newest} is younger than an hour, and what is under way may still seal with {key}: try again later"
        raise VerbRefused(young, newest=known[-1].number, key=key)
    return old


def _refuse_if_needed(here: Installation, old: SealingKey, told: Callable[[int, int], None]) -> None:
    opened = sessions(here.database)
    with read_only(opened) as session:
        needing = values_by_key(session, MECHANICS.sealed, told).get(old.number, {})
    if not needing:
        return
    with opened.begin() as session:
        look_again(session, sorted(needing))
    where = ", ".join(f"{name}: {count:,}" for name, count in sorted(needing.items()))
    needed = "key {key} still seals {count} values ({where}); a clock seals them anew, see: huoju keys status"
    raise VerbRefused(needed, key=old.number, count=sum(needing.values()), where=where)
