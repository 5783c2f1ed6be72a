"""A new installation: a folder with huoju.toml, .env, keys, a campaign and units, as `huoju init` fills it."""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bots import CHANNELS, load
from bots.base import Beginner, FirstAccount
from core.keys import create_key_file
from core.randomness import Randomness
from core.times import system_clock
from huoju.accounts import variable
from huoju.settings import Settings

ACCOUNT = "main"
ACCOUNTS = Path("huoju.toml")
EXAMPLE = "snack.yaml"
KEYS = Path("var/huoju.keys")

_HERE = Path(__file__).parent
_UNITS = _HERE / "deploy" / "systemd"
_SHIPPED_FOLDER, _SHIPPED_PROGRAM, _SHIPPED_USER = "/srv/huoju", "/opt/huoju/bin/huoju", "User=huoju"
_ALONE, _SERVING = "huoju.service", {"huoju.service", "huoju-web.service"}
_SQLITE = "sqlite:///var/huoju.db"
_SECRET_BYTES = 18
_HEAD = "# Our accounts on the platforms; secrets stand in .env. What else can be said: docs/settings.md."
_PLAIN = re.compile(r"[\w./:@%+=?&,~-]*")
_FOLDER = re.compile(r"[\w./+@-]+")
_BRAND = re.compile(r"[^\"\\\x00-\x1f\x7f]{1,40}")


class FolderTaken(Exception):
    """Something stands where a new installation wants to write; nothing was written."""


class Unfitting(Exception):
    """What was answered cannot be used; the message says what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInstallation:
    """What the five questions of `huoju init` were answered with, each read by one of the functions below."""

    folder: Path
    database_url: str
    public_url: str | None
    channel: str
    brand: str

    @property
    def has_processes(self) -> bool:
        """Whether it is run as a process of each kind; a database in a file has one."""
        return not self.database_url.startswith("sqlite")


class _File(NamedTuple):
    path: Path
    content: str
    mode: int = 0o644


def read_folder(text: str) -> Path:
    """Where it shall stand. Raises Unfitting."""
    if not _FOLDER.fullmatch(text):
        raise Unfitting("name a folder without spaces, for example /srv/huoju")
    if (Path(text) / ACCOUNTS).exists():
        raise Unfitting("there is a Huoju in it already; name another folder")
    return Path(text)


def read_database(text: str) -> str:
    """The address of the database; "sqlite" is a file in the folder. Raises Unfitting."""
    if text in {"sqlite", _SQLITE}:
        return _SQLITE
    try:
        parsed = make_url(text)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() != "postgresql" or not parsed.host or not _PLAIN.fullmatch(text):
        raise Unfitting("write sqlite, or postgresql://user:password@host/name")
    return text


def read_public_url(text: str) -> str | None:
    """Where players and platforms reach us; None for "", where only this machine does. Raises Unfitting."""
    if not text:
        return None
    try:
        begin = Settings(_env_file=None, public_url=text).links_begin_with
    except ValidationError:
        begin = None
    if begin is None or not _PLAIN.fullmatch(begin):
        raise Unfitting("write an address like https://play.example, or nothing")
    return begin


def first_channels() -> list[str]:
    """On which channels one may begin, those first that need no account."""
    known = sorted(CHANNELS, key=lambda listed: not listed.built_in)
    return [listed.name for listed in known if first_account(listed.name, Beginner("", None, "")) is not None]


def first_account(channel: str, beginner: Beginner) -> FirstAccount | None:
    """What somebody begins with on ``channel``; None where nobody does."""
    return load(channel).first(beginner)


def read_channel(text: str) -> str:
    """On which channel it begins. Raises Unfitting."""
    channel = text.strip().lower()
    if channel not in first_channels():
        raise Unfitting("write one of those in brackets")
    return channel


def read_brand(text: str) -> str:
    """What players know us by. Raises Unfitting."""
    if not _BRAND.fullmatch(text.strip()):
        raise Unfitting('write a name of 1 to 40 symbols, without " and \\')
    return text.strip()


def write(wanted: NewInstallation, randomness: Randomness, user: str) -> list[Path]:
    """Write all of it, and return what was written; the programs shall run as ``user``.

    Raises FolderTaken when any of it is there, or OSError; nothing is ever overwritten.
    """
    files = list(_files(wanted, randomness, user))
    keys = wanted.folder / KEYS
    paths = [*(one.path for one in files), keys]
    if taken := [path for path in paths if path.exists() or path.is_symlink()]:
        names = ", ".join(map(str, taken))
        raise FolderTaken(f"{names} is there already; nothing was written: choose another folder, or move it away")
    keys.parent.mkdir(parents=True, exist_ok=True)
    for file in files:
        file.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file.mode)
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(file.content)
    create_key_file(keys, randomness, system_clock())
    return paths


def _files(wanted: NewInstallation, randomness: Randomness, user: str) -> Iterator[_File]:
    folder = wanted.folder
    first = first_account(
        wanted.channel, Beginner(wanted.brand, wanted.public_url, randomness.take(_SECRET_BYTES).hex())
    )
    assert first is not None
    table = ("", f"[{wanted.channel}.{ACCOUNT}]", *first.table) if first.table else ()
    yield _File(folder / ACCOUNTS, _lines(_HEAD, *table))
    yield _File(folder / ".env", _lines(*_settings(wanted, first)), 0o600)
    yield _File(folder / EXAMPLE, (_HERE / "examples" / EXAMPLE).read_text(encoding="utf-8"))
    for unit in sorted(_UNITS.iterdir()):
        if (unit.name != _ALONE) is wanted.has_processes:
            yield _File(folder / "systemd" / unit.name, _unit(unit, folder, user, first))


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def _unit(unit: Path, folder: Path, user: str, first: FirstAccount) -> str:
    text = unit.read_text(encoding="utf-8").replace(_SHIPPED_FOLDER, str(folder.absolute()))
    text = text.replace(_SHIPPED_PROGRAM, str(Path(sys.executable).parent / "huoju"))
    text = text.replace(_SHIPPED_USER, f"User={user}")
    return re.sub(r"(ExecStart=.*)", " ".join((r"\1", *first.options)), text) if unit.name in _SERVING else text


def _settings(wanted: NewInstallation, first: FirstAccount) -> Iterator[str]:
    """The lines of .env; what the operator has to fill in has no value yet."""
    yield "# Settings and secrets of this Huoju, for nobody else's eyes: docs/settings.md tells of each."
    yield f"HUOJU_DATABASE_URL={wanted.database_url}"
    if wanted.public_url is None:
        yield "# HUOJU_PUBLIC_URL=https://play.example"
    else:
        yield f"HUOJU_PUBLIC_URL={wanted.public_url}"
        yield "HUOJU_PROXIES=1"
    secrets = {variable(wanted.channel, ACCOUNT, field): value for field, value in first.secrets.items()}
    for name, value in {**first.settings, **secrets}.items():
        yield f"{name}={value}"
