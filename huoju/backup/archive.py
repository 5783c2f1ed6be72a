"""The archive: a ZIP file with the database, the manifest, and a keyed hash of that; whole, or refused.

The directory of a ZIP file stands at its end, so one that was cut off is none. The manifest has the SHA-256 of the
data, and its own HMAC is of the key file: whoever has no keys can alter nothing.
"""

import errno
import hashlib
import hmac
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

from pydantic import ValidationError

from core.answers import Verbatim
from core.keys import Keyring, KeysUnusable
from core.new_file import NewFile
from huoju.backup.manifest import FORMAT, Manifest
from huoju.backup.refusal import BackupRefused

Told = Callable[[int, int], None]
"""Hears how much is done, and of how much."""

_MANIFEST, _SEAL = "manifest.json", "manifest.hmac"
_CHUNK_BYTES = 1 << 20
_LONGEST_BYTES = 1 << 20
_FAST = 1  # level 6 makes the file of a database a sixth smaller, and takes three times as long
_PURPOSE = "backup"


class _Through:
    """A file that only grows, as zipfile writes it where it cannot go back."""

    def __init__(self, file: NewFile) -> None:
        self._file = file

    def write(self, raw: bytes) -> int:
        """Write on."""
        self._file.write(raw)
        return len(raw)

    def flush(self) -> None:
        """Whatever is written is safe when the file is kept."""


class Archive:
    """A backup that is being written."""

    def __init__(self, zipped: zipfile.ZipFile, keys: Keyring) -> None:
        self._zipped, self._keys = zipped, keys
        self._sha256 = hashlib.sha256()
        self._bytes = 0

    def add(self, name: str, chunks: Iterator[bytes], *, packed: bool) -> None:
        """Write the database as the member ``name``; ``packed`` data is not packed once more."""
        member_of = zipfile.ZipInfo(name) if packed else name  # which is stored as it is, or in the way of the archive
        with self._zipped.open(member_of, "w", force_zip64=True) as member:
            for chunk in chunks:
                self._sha256.update(chunk)
                self._bytes += len(chunk)
                member.write(chunk)

    def close(self, **about: Any) -> Manifest:
        """Write what ``about`` says of the data, and its HMAC; returns the manifest."""
        manifest = Manifest(format=FORMAT, data_bytes=self._bytes, data_sha256=self._sha256.hexdigest(), **about)
        raw = manifest.model_dump_json(indent=1).encode()
        self._zipped.writestr(_MANIFEST, raw)
        self._zipped.writestr(_SEAL, _seal(raw, self._keys))
        return manifest


def _seal(raw: bytes, keys: Keyring) -> str:
    return hmac.digest(keys.secret_for(_PURPOSE), raw, "sha256").hex()


@contextmanager
def new_archive(path: Path, keys: Keyring) -> Iterator[Archive]:
    """A backup at ``path``, there in one step where the ``with`` ends, and not at all when it fails.

    Raises NewFileRefused for a name that is taken, or where there is no room.
    """
    with NewFile(path, None) as file:
        through: Any = _Through(file)  # zipfile asks for nothing more
        with zipfile.ZipFile(through, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as zipped:
            yield Archive(zipped, keys)
        file.keep()
        file.commit()


def chunks_of(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of ``file``."""
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


class Opened:
    """A backup that is read; its manifest is what the key file says it is."""

    def __init__(self, path: Path, zipped: zipfile.ZipFile, manifest: Manifest) -> None:
        self._path, self._zipped, self.manifest = path, zipped, manifest

    def extract(self, into: Path, told: Told) -> None:
        """Write the database to the new file ``into``. Raises BackupRefused when it is not what it was."""
        sha256, done = hashlib.sha256(), 0
        with _sound(self._path), self._zipped.open(self.manifest.data) as member, into.open("xb") as file:
            for chunk in chunks_of(member):
                sha256.update(chunk)
                done += len(chunk)
                file.write(chunk)
                told(done, self.manifest.data_bytes)
        if (done, sha256.hexdigest()) != (self.manifest.data_bytes, self.manifest.data_sha256):
            raise _broken(self._path)


def _broken(path: Path) -> BackupRefused:
    return BackupRefused(
        "{file} is cut off or was altered, so nothing was restored; take an older backup", file=Verbatim(path)
    )


@contextmanager
def open_archive(path: Path, keys: Callable[[], Keyring]) -> Iterator[Opened]:
    """A backup of ours. Raises BackupRefused for what is none, is damaged, or needs other ``keys`` or a newer program.

    ``keys`` are opened when it is known which ones are needed.
    """
    with _regular(path) as file:
        with _sound(path):
            zipped = zipfile.ZipFile(file)
        with zipped:
            with _sound(path):
                raw, seal = _member(zipped, _MANIFEST), _member(zipped, _SEAL)
            manifest = _read(path, raw)
            if not hmac.compare_digest(seal, _seal(raw, _having(manifest, keys, path)).encode()):
                raise _broken(path)
            yield Opened(path, zipped, manifest)


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    """Refuses what cannot be read of the file at ``path``."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, IsADirectoryError):
        raise _broken(path) from None


@contextmanager
def _regular(path: Path) -> Iterator[BinaryIO]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise BackupRefused("{file} is a link; name the file itself", file=Verbatim(path)) from None
        raise BackupRefused("{file} cannot be read: {why}", file=Verbatim(path), why=Verbatim(error.strerror)) from None
    try:
        file = os.fdopen(handle, "rb")
    except OSError as error:
        os.close(handle)
        raise BackupRefused("{file} cannot be read: {why}", file=Verbatim(path), why=Verbatim(error.strerror)) from None
    with file:
        yield file


def _member(zipped: zipfile.ZipFile, name: str) -> bytes:
    with zipped.open(name) as member:
        return member.read(_LONGEST_BYTES)


def _read(path: Path, raw: bytes) -> Manifest:
    try:
        document = json.loads(raw)
        version = document["format"] if isinstance(document, Mapping) else None
        if isinstance(version, int) and version > FORMAT:
            raise BackupRefused(
                "{file} was taken by a newer Huoju ({huoju}); update the program",
                file=Verbatim(path),
                huoju=Verbatim(document.get("huoju")),
            )
        return Manifest.model_validate_json(raw)
    except (ValidationError, ValueError, KeyError):
        raise _broken(path) from None


def _having(manifest: Manifest, keys: Callable[[], Keyring], path: Path) -> Keyring:
    try:
        mine = keys()
    except KeysUnusable as error:
        told = "{why}. The backup {file} needs {keys}"
        raise BackupRefused(told, why=Verbatim(error), file=str(path), keys=manifest.keys.line) from None
    if (lacking := manifest.keys.lacking(mine)) is not None:
        told = "{file}: {lacking}; set HUOJU_KEYS_FILE to the copy that you keep apart"
        raise BackupRefused(told, file=str(path), lacking=lacking)
    return mine
